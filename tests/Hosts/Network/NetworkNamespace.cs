using System.Diagnostics;
using System.Globalization;

namespace Hosts.Network;

/// <summary>
/// Is a network namespace of this run. Its name says which process made it, so that the next run finds what one that was killed has left.
/// </summary>
internal sealed class NetworkNamespace : IDisposable
{
    private const string Prefix = "p2p-hosts-";

    public NetworkNamespace(string name)
    {
        Name = $"{Prefix}{Environment.ProcessId}-{name}";
        Tool.Run("ip", "netns", "add", Name);
        Ip("link", "set", "lo", "up");
    }

    public string Name { get; }

    /// <summary>Removes the namespaces of runs that are over, and ends what still runs in them.</summary>
    public static void Sweep()
    {
        foreach (var line in Tool.Run("ip", "netns", "list").Split('\n'))
        {
            var name = line.Split(' ')[0];
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && !Directory.Exists($"/proc/{name[Prefix.Length..].Split('-')[0]}"))
            {
                Remove(name);
            }
        }
    }

    /// <summary>Configures devices of the namespace.</summary>
    public void Ip(params string[] arguments) => Tool.Run("ip", ["-n", Name, .. arguments]);

    /// <summary>Runs a tool within the namespace.</summary>
    public void Run(params string[] command) => Tool.Run("ip", ["netns", "exec", Name, .. command]);

    public void Dispose() => Remove(Name);

    private static void Remove(string name)
    {
        foreach (var id in Tool.Run("ip", "netns", "pids", name).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                using var process = Process.GetProcessById(int.Parse(id, CultureInfo.InvariantCulture));
                process.Kill();
                process.WaitForExit();
            }
            catch (ArgumentException)
            {
                // It has ended meanwhile.
            }
        }

        Tool.Run("ip", "netns", "delete", name);
    }
}
