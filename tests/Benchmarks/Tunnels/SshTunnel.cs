using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Benchmarks.Site;

namespace Benchmarks.Tunnels;

/// <summary>What anybody uses first who is behind a firewall: <c>ssh -R</c>, with a server of its own on loopback, its own keys, and no user's settings.</summary>
internal sealed class SshTunnel : IDisposable
{
    private readonly Process _server;
    private readonly Process _client;

    private SshTunnel(Process server, Process client, int port) => (_server, _client, Port) = (server, client, port);

    /// <summary>Where it takes visitors.</summary>
    public int Port { get; }

    public TimeSpan ProcessorTime => TimeOf(_client) + TreeOf(_server.Id).Aggregate(TimeSpan.Zero, (sum, id) => sum + TimeOf(id));

    /// <returns>The tunnel; null where there is no such server, or it does not start.</returns>
    public static async Task<SshTunnel?> TryStartAsync(string folder, int peerPort)
    {
        if (Programs.Find("sshd") is not { } sshd || Programs.Find("ssh") is not { } ssh || Programs.Find("ssh-keygen") is not { } keygen)
        {
            return null;
        }

        foreach (var name in (string[])["host", "user"])
        {
            using var making = Process.Start(new ProcessStartInfo(keygen, ["-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(folder, name)]))!;
            await making.WaitForExitAsync();
        }

        File.Copy(Path.Combine(folder, "user.pub"), Path.Combine(folder, "authorized"));
        var (serverPort, port) = (FreePort(), FreePort());
        var settings = Path.Combine(folder, "sshd_config");
        await File.WriteAllTextAsync(
            settings,
            $"""
            ListenAddress 127.0.0.1:{serverPort}
            HostKey {folder}/host
            AuthorizedKeysFile {folder}/authorized
            PidFile none
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            PermitRootLogin prohibit-password

            """);
        var server = Start(sshd, "-D", "-e", "-f", settings);
        if (!await IsListeningAsync(serverPort, server))
        {
            End(server);
            return null;
        }

        var client = Start(
            ssh, "-F", "none", "-N", "-i", $"{folder}/user", "-p", Text(serverPort), "-o", "StrictHostKeyChecking=no", "-o", $"UserKnownHostsFile={folder}/known", "-o", "ExitOnForwardFailure=yes",
            "-o", "BatchMode=yes", "-R", $"127.0.0.1:{port}:127.0.0.1:{peerPort}", $"{Environment.UserName}@127.0.0.1");
        if (!await IsListeningAsync(port, client))
        {
            End(client);
            End(server);
            return null;
        }

        return new(server, client, port);
    }

    public void Dispose()
    {
        End(_client);
        End(_server);
    }

    /// <summary>What either says is of use to nobody, so it is read and thrown away.</summary>
    private static Process Start(string program, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static void End(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        process.Dispose();
    }

    private static TimeSpan TimeOf(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    private static TimeSpan TimeOf(int id)
    {
        using var process = Process.GetProcessById(id);
        return process.TotalProcessorTime;
    }

    /// <summary>The server has a process for each connection, and that one another.</summary>
    private static IEnumerable<int> TreeOf(int id) =>
        File.ReadAllText($"/proc/{id}/task/{id}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(child => TreeOf(int.Parse(child, CultureInfo.InvariantCulture)))
            .Prepend(id);

    private static async Task<bool> IsListeningAsync(int port, Process process)
    {
        for (var attempt = 0; attempt < 100 && !process.HasExited; attempt++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }

        return false;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
