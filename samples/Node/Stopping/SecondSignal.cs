using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace NodeSample.Stopping;

/// <summary>
/// Ends the process at once when it is told a second time to stop: whoever does that does not want to wait. A crash costs no replica, nor does this. Tools that tell a process and its group send a signal
/// twice within a moment, and mean it once.
/// </summary>
internal sealed class SecondSignal : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);

    private readonly IHostApplicationLifetime _lifetime;
    private readonly PosixSignalRegistration[] _registrations;
    private long _firstAt;

    public SecondSignal(IHostApplicationLifetime lifetime)
    {
        _lifetime = lifetime;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, Count), PosixSignalRegistration.Create(PosixSignal.SIGINT, Count)];
    }

    public void Dispose() => Array.ForEach(_registrations, registration => registration.Dispose());

    private void Count(PosixSignalContext context)
    {
        context.Cancel = true;
        var firstAt = Interlocked.CompareExchange(ref _firstAt, Stopwatch.GetTimestamp(), 0);
        if (firstAt == 0)
        {
            // As the host does that hears the same signal, unless it has not come to listen yet.
            _lifetime.StopApplication();
        }
        else if (Stopwatch.GetElapsedTime(firstAt) > Moment)
        {
            Console.Error.WriteLine("error: The node was told to stop a second time, and ends without waiting for anything.");
            Environment.Exit(ExitCode.Failed);
        }
    }
}
