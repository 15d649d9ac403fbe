namespace Node.Tests;

/// <summary>Is a directory in which a test runs processes; at its end they are ended and it is removed.</summary>
public sealed class Workplace : IDisposable
{
    /// <summary>Short times, so that a crash is noticed within seconds.</summary>
    private static readonly string[] Protocol =
    [
        "--bits-per-digit", "2", "--leaf-set-size", "8", "--heartbeat", "1s", "--lease", "4s", "--probe-timeout", "1s",
        "--join-timeout", "5s", "--join-backoff-max", "1s", "--leaf-set-exchange", "5s", "--log", "Information",
    ];

    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(4));
    private readonly List<NodeProcess> _processes = [];

    /// <summary>Makes the directory; its path is short, since sockets lie within.</summary>
    public Workplace()
    {
        Folder = Directory.CreateTempSubdirectory("p2p-").FullName;
        AppDomain.CurrentDomain.ProcessExit += EndProcesses;
    }

    public string Folder { get; }

    /// <summary>Is set when something has not come for so long that it will not come any more.</summary>
    public CancellationToken Patience => _patience.Token;

    public string PathOf(string name) => Path.Combine(Folder, name);

    internal NodeProcess StartNode(string name, params IEnumerable<string> arguments) =>
        Start(PathOf(name), ["run", "--data", PathOf(name), "--listen", "127.0.0.1:0", .. Protocol, .. arguments]);

    /// <summary>Runs a verb to its end.</summary>
    internal async Task<VerbOutcome> RunAsync(params IEnumerable<string> arguments)
    {
        var process = Start(Folder, arguments);
        var exitCode = await process.ExitAsync(Patience);
        return new VerbOutcome(exitCode, process.Output.Lines, process.Errors.Lines);
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= EndProcesses;
        EndProcesses(null, EventArgs.Empty);
        _patience.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Starts a verb that a test does not wait for yet.</summary>
    internal NodeProcess StartVerb(params IEnumerable<string> arguments) => Start(Folder, arguments);

    private NodeProcess Start(string data, IEnumerable<string> arguments)
    {
        var process = NodeProcess.Start(data, Folder, arguments);
        _processes.Add(process);
        return process;
    }

    private void EndProcesses(object? sender, EventArgs e) => _processes.ForEach(process => process.Dispose());
}
