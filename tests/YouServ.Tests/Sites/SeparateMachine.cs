using System.Globalization;
using System.Net;
using Hosts.Network;

namespace YouServ.Tests.Sites;

/// <summary>
/// Is a machine beside this one, joined to it by a wire: a network namespace. It knows nobody's name but by the server for names on this machine.
/// </summary>
internal sealed class SeparateMachine : IDisposable
{
    private readonly NetworkNamespace _namespace;
    private readonly string _settings;

    private SeparateMachine(NetworkNamespace space)
    {
        _namespace = space;
        _settings = $"/etc/netns/{space.Name}";
    }

    /// <summary>Makes one. Skips the test where the system gives none.</summary>
    /// <param name="here">The addresses that this machine gets at its end of the wire, all in one /24; names are asked for at the first.</param>
    /// <param name="there">The address at the other end.</param>
    public static SeparateMachine Start(IReadOnlyList<IPAddress> here, IPAddress there)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Network namespaces are Linux's.");
        SeparateMachine machine;
        try
        {
            NetworkNamespace.Sweep();
            machine = new(new NetworkNamespace("browser"));
        }
        catch (ToolException refusal)
        {
            Skip.If(true, refusal.Message);
            throw;
        }

        try
        {
            machine.Plug(here, there);
            return machine;
        }
        catch
        {
            machine.Dispose();
            throw;
        }
    }

    /// <summary>Writes a program that runs another one on the machine.</summary>
    public void WriteRunner(string path, string program)
    {
        File.WriteAllText(path, $"#!/bin/sh\nexec ip netns exec {_namespace.Name} '{program}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
    }

    public void Dispose()
    {
        _namespace.Dispose(); // The wire goes with it.
        if (Directory.Exists(_settings))
        {
            Directory.Delete(_settings, recursive: true);
        }
    }

    private void Plug(IReadOnlyList<IPAddress> here, IPAddress there)
    {
        var device = "p2p" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        Tool.Run("ip", "link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", _namespace.Name);
        foreach (var address in here)
        {
            Tool.Run("ip", "address", "add", $"{address}/24", "dev", device);
        }

        Tool.Run("ip", "link", "set", device, "up");
        _namespace.Ip("address", "add", $"{there}/24", "dev", "eth0");
        _namespace.Ip("link", "set", "eth0", "up");

        // The system shows it to what runs in the namespace in place of its own.
        Directory.CreateDirectory(_settings);
        File.WriteAllText(Path.Combine(_settings, "resolv.conf"), $"nameserver {here[0]}\n");
    }
}
