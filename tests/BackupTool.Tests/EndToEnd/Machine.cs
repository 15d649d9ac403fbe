using System.Diagnostics;

namespace BackupTool.Tests.EndToEnd;

/// <summary>Runs the tool as processes, as on a machine of its own: with a home that others don't know, and what a user would know there.</summary>
internal sealed class Machine
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _home;
    private readonly string[] _ring;

    /// <param name="folder">Where its home is to be made.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="ring">The options that say where the ring is.</param>
    public Machine(TemporaryFolder folder, string name, params string[] ring)
    {
        _home = folder.MakeFolder(name);
        _ring = ring;
    }

    public string Passphrase { get; set; } = "a passphrase of some length";

    public string? Repository { get; set; }

    /// <summary>Begins a repository, and uses it from now on.</summary>
    public async Task<Machine> BeginAsync(params string[] arguments)
    {
        var outcome = (await RunAsync(["init", .. arguments])).AssertEnded(ExitCode.Done);
        Repository = outcome.Summary.GetProperty("repository").GetString();
        return this;
    }

    /// <summary>Runs the tool to its end.</summary>
    public Task<Outcome> RunAsync(params string[] arguments) => RunAsync(arguments, _ => false);

    /// <summary>Runs the tool to its end, or kills it at once, as kill -9 does, when it has printed a line that is waited for.</summary>
    public async Task<Outcome> RunAsync(string[] arguments, Predicate<string> isKilledAt)
    {
        using var process = new Process { StartInfo = Start(arguments) };
        using var patience = new CancellationTokenSource(Patience);
        process.Start();
        try
        {
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            List<string> lines = [];
            while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                lines.Add(line);
                if (isKilledAt(line))
                {
                    process.Kill();
                }
            }

            await process.WaitForExitAsync(patience.Token);
            return new(process.ExitCode, lines, await errors);
        }
        finally
        {
            process.Kill();
        }
    }

    private ProcessStartInfo Start(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(BackupException).Assembly.Location, .. _ring, "--json", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _home,
        };
        foreach (var name in (string[])["HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"])
        {
            start.Environment[name] = _home;
        }

        start.Environment["P2P_BACKUP_PASSPHRASE"] = Passphrase;
        start.Environment["P2P_BACKUP_REPOSITORY"] = Repository;
        return start;
    }
}
