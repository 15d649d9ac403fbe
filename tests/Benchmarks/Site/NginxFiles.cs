using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Benchmarks.Site;

/// <summary>nginx with one worker a processor, without log and without a cache of open files.</summary>
internal sealed class NginxFiles : IAsyncDisposable
{
    private readonly Process _process;

    private NginxFiles(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    public static async Task<NginxFiles?> TryStartAsync(string folder, string root)
    {
        if (Programs.Find("nginx") is not { } program)
        {
            return null;
        }

        var port = FreePort();
        var settings = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(
            settings,
            $$"""
            daemon off;
            {{(Environment.UserName == "root" ? "user root;" : "")}}
            worker_processes auto;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/error.log;
            events { worker_connections 1024; }
            http {
              include /etc/nginx/mime.types;
              access_log off;
              sendfile on;
              tcp_nopush on;
              keepalive_requests 100000000;
              server { listen 127.0.0.1:{{port}}; root {{root}}; }
            }
            """);
        var process = Process.Start(new ProcessStartInfo(program, ["-c", settings, "-e", $"{folder}/error.log", "-p", folder]))!;
        var nginx = new NginxFiles(process, new($"http://127.0.0.1:{port}/"));
        await nginx.WaitUntilListeningAsync();
        return nginx;
    }

    /// <summary>What its workers, which are children of the process that was started, have used of the processors.</summary>
    public TimeSpan ProcessorTime()
    {
        var sum = TimeSpan.Zero;
        foreach (var id in File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            using var worker = Process.GetProcessById(int.Parse(id, System.Globalization.CultureInfo.InvariantCulture));
            sum += worker.TotalProcessorTime;
        }

        return sum;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var stop = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task WaitUntilListeningAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(Address.Host, Address.Port);
                return;
            }
            catch (SocketException) when (attempt < 100 && !_process.HasExited)
            {
                await Task.Delay(50);
            }
        }
    }
}
