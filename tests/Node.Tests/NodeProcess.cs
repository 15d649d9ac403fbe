using System.Diagnostics;
using System.Globalization;
using NodeSample;
using NodeSample.Control;

namespace Node.Tests;

/// <summary>Is the sample as a process of its own.</summary>
internal sealed class NodeProcess : IDisposable
{
    private readonly Process _process;

    private NodeProcess(string data, Process process)
    {
        Data = data;
        _process = process;
        process.OutputDataReceived += (_, line) => Output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => Errors.Add(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The node's data directory, where the process is one that runs a node.</summary>
    public string Data { get; }

    public LineLog Output { get; } = new();

    public LineLog Errors { get; } = new();

    public bool HasExited => _process.HasExited;

    public static NodeProcess Start(string data, string workingDirectory, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(ExitCode).Assembly.Location, .. arguments])
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new NodeProcess(data, new Process { StartInfo = start });
    }

    /// <summary>Waits until the node is bound.</summary>
    public async Task<(string Address, string Id)> WhenListeningAsync(CancellationToken cancellationToken)
    {
        var words = (await Output.WaitForAsync("listening ", cancellationToken)).Split(' ');
        Assert.Equal(["listening", words[1], "id", words[3]], words);
        return (words[1], words[3]);
    }

    /// <summary>Waits until the node answers watchers, and gives the address of that.</summary>
    public async Task<Uri> WhenWatchedAsync(CancellationToken cancellationToken) =>
        new($"http://{(await Output.WaitForAsync("health ", cancellationToken)).Split(' ')[1]}/");

    public Task WhenReadyAsync(CancellationToken cancellationToken) => Output.WaitForAsync("ready", cancellationToken);

    public async Task<NodeStatus> StatusAsync(CancellationToken cancellationToken, params string[] holds) =>
        (await ControlClient.AskAsync(Data, new StatusRequest(holds, WaitReady: false), cancellationToken)).Status!;

    public async Task<bool> HoldsAsync(string file, CancellationToken cancellationToken) => (await StatusAsync(cancellationToken, file)).Holds[file];

    public async Task<int> ExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public async Task<int> TerminateAsync(CancellationToken cancellationToken)
    {
        await TellToStopAsync(cancellationToken);
        return await ExitAsync(cancellationToken);
    }

    /// <summary>Sends SIGTERM, and does not wait for what comes of it.</summary>
    public async Task TellToStopAsync(CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Ends the process without a word, as kill -9 does.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process.Kill();
        await _process.WaitForExitAsync(cancellationToken);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
