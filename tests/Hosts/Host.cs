using System.Diagnostics;
using Hosts.Network;
using NodeSample;
using NodeSample.Control;

namespace Hosts;

/// <summary>Is a host of its own: a network namespace with a wire, a data directory, and the sample's node as a process.</summary>
internal sealed class Host(string name, NetworkNamespace space, Link link, string data) : IDisposable
{
    private const int Port = 4000;
    private const int LinesKept = 20;

    /// <summary>Short times, so that failures are noticed within seconds; long enough for sixteen processes on two cores.</summary>
    private static readonly string[] Protocol =
    [
        "--bits-per-digit", "2", "--leaf-set-size", "8", "--heartbeat", "2s", "--lease", "6s", "--probe-timeout", "2s",
        "--join-timeout", "10s", "--join-backoff-max", "2s", "--leaf-set-exchange", "10s", "--operation-timeout", "10s", "--log", "Information",
    ];

    private readonly Queue<string> _log = new();
    private Process? _process;

    public string Name => name;

    public Link Link => link;

    public string Address => $"{link.Address}:{Port}";

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>What the node has logged last.</summary>
    public IReadOnlyList<string> Log
    {
        get
        {
            lock (_log)
            {
                return [.. _log];
            }
        }
    }

    /// <summary>Starts the node, with the data that it had.</summary>
    public void Start(params IEnumerable<Host> bootstraps)
    {
        var start = new ProcessStartInfo(
            "ip",
            [
                "netns", "exec", space.Name, "dotnet", "exec", typeof(ExitCode).Assembly.Location, "run", "--data", data, "--listen", Address,
                .. bootstraps.SelectMany(host => (string[])["--bootstrap", host.Address]), .. Protocol,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                // Sixteen of them share a small machine.
                ["DOTNET_gcServer"] = "0",
                ["DOTNET_gcConcurrent"] = "0",
                ["DOTNET_GCHeapHardLimit"] = "0x10000000",
                ["DOTNET_GCConserveMemory"] = "5",
                ["DOTNET_TieredPGO"] = "0",
            },
        };
        _process?.Dispose();
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Ends the node without a word, as kill -9 does.</summary>
    public void Kill()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    /// <summary>Asks for what <c>status --json</c> prints.</summary>
    /// <exception cref="FailedException">The node does not run, or not yet.</exception>
    public async Task<NodeStatus> StatusAsync(CancellationToken cancellationToken, params string[] holds) =>
        (await ControlClient.AskAsync(data, new StatusRequest(holds, WaitReady: false), cancellationToken)).Status!;

    /// <summary>Stores a file.</summary>
    /// <returns>Its id.</returns>
    /// <exception cref="FailedException">It could not be stored.</exception>
    public async Task<string> PutAsync(string path, CancellationToken cancellationToken) =>
        (await ControlClient.AskAsync(data, new PutRequest(path, Path.GetFileName(path), Replicas: 3), cancellationToken)).Stored!.Id;

    /// <summary>Fetches a file.</summary>
    /// <exception cref="FailedException">It could not be fetched.</exception>
    public async Task GetAsync(string id, string path, CancellationToken cancellationToken) =>
        await ControlClient.AskAsync(data, new GetRequest(id, path), cancellationToken);

    public void Dispose()
    {
        Kill();
        _process?.Dispose();
        space.Dispose();
    }

    private void Keep(string? line)
    {
        lock (_log)
        {
            if (line is not null)
            {
                _log.Enqueue(line);
            }

            if (_log.Count > LinesKept)
            {
                _log.Dequeue();
            }
        }
    }
}
