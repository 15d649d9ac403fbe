using System.Diagnostics;
using System.Globalization;
using Node.Tests;

namespace Game.Tests.Play;

/// <summary>Is the game as a process of its own.</summary>
internal sealed class GameProcess : IDisposable
{
    private readonly Process _process;

    private GameProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => Errors.Add(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public LineLog Output { get; } = new();

    public LineLog Errors { get; } = new();

    public static GameProcess Start(params IEnumerable<string> arguments) => new(new Process
    {
        StartInfo = new ProcessStartInfo("dotnet", ["exec", typeof(Settings).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true },
    });

    /// <summary>Waits for the page's address.</summary>
    public async Task<string> PageAsync(CancellationToken cancellationToken) => (await Output.WaitForAsync("Play at", cancellationToken)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1];

    /// <summary>Waits for the address that others join.</summary>
    public async Task<string> AddressAsync(CancellationToken cancellationToken)
    {
        var words = (await Output.WaitForAsync("--join", cancellationToken)).Split(' ');
        return words[Array.IndexOf(words, "--join") + 1];
    }

    public async Task<int> ExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Asks it to stop, as a terminal that is closed does.</summary>
    public async Task<int> TerminateAsync(CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellationToken);
        return await ExitAsync(cancellationToken);
    }

    /// <summary>Ends it without a word, as kill -9 does.</summary>
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
