using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Node.Tests;

namespace Shared.Tests;

/// <summary>Is a sample as a process of its own.</summary>
internal class SampleProcess : IDisposable
{
    private readonly Process _process;

    /// <summary>Starts it.</summary>
    /// <param name="program">The sample's assembly, which lies beside the tests.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="temporary">The folder that it takes for temporary ones; null for the system's.</param>
    protected SampleProcess(Assembly program, IEnumerable<string> arguments, string? temporary = null)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", program.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (temporary is not null)
        {
            start.Environment["TMPDIR"] = start.Environment["TEMP"] = start.Environment["TMP"] = temporary;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Output.Add(line.Data);
        _process.ErrorDataReceived += (_, line) => Errors.Add(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public LineLog Output { get; } = new();

    public LineLog Errors { get; } = new();

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
