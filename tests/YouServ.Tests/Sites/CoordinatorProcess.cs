using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Node.Tests;

namespace YouServ.Tests.Sites;

/// <summary>Is the sample's coordinator as a process of its own, which can be killed and started again with what it had.</summary>
internal sealed class CoordinatorProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _settings;
    private Process? _process;

    /// <param name="postgres">The database that it shares with others; without one, it has one of its own.</param>
    public CoordinatorProcess(string? postgres = null)
    {
        Url = new UriBuilder("http", Village.Zone, FreePort()).Uri;
        Dns = new IPEndPoint(IPAddress.Loopback, FreePort());
        _settings = _folder.In("coordinator.json");
        File.WriteAllText(_settings, JsonSerializer.Serialize(new
        {
            Urls = $"http://127.0.0.1:{Url.Port}",
            Village.Zone,
            Database = _folder.In("coordinator.db"),
            Postgres = postgres,
            HeartbeatInterval = "00:00:01",
            Dns = new { Endpoints = (string[])[Dns.ToString()], Database = _folder.In("dns.db"), NameServers = (string[])["ns.example"] },
        }));
    }

    public Uri Url { get; }

    public IPEndPoint Dns { get; }

    /// <summary>Adds a user by the sample's own command.</summary>
    public async Task AddUserAsync(string user, string password, CancellationToken cancellationToken)
    {
        using var process = Run(out var output, "coordinator", "add-user", user, "--config", _settings);
        await process.StandardInput.WriteLineAsync(password.AsMemory(), cancellationToken);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellationToken);
        Assert.True(process.ExitCode == 0, string.Join(Environment.NewLine, output.Lines));
    }

    /// <summary>Starts the coordinator, and waits until it listens.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _process = Run(out var output, "coordinator", "--config", _settings);
        await output.WaitForAsync("Now listening on", cancellationToken);
    }

    /// <summary>Ends the process without a word, as kill -9 does.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process!.Kill();
        await _process.WaitForExitAsync(cancellationToken);
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync(CancellationToken.None);
        }

        _folder.Dispose();
    }

    private static Process Run(out LineLog output, params string[] arguments)
    {
        var process = new Process
        {
            StartInfo = new("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "PersonalWeb.dll"), .. arguments])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        var log = output = new LineLog();
        process.OutputDataReceived += (_, line) => log.Add(line.Data);
        process.ErrorDataReceived += (_, line) => log.Add(line.Data ?? ""); // The end of the output is the log's.
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
