using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace NodeSample.Stopping;

/// <summary>Ends the process at once when it is told a second time to stop: whoever does that does not want to wait. A crash costs no replica, nor does this.</summary>
internal sealed class SecondSignal : IDisposable
{
    private readonly IHostApplicationLifetime _lifetime;
    private readonly PosixSignalRegistration[] _registrations;
    private int _signals;

    public SecondSignal(IHostApplicationLifetime lifetime)
    {
        _lifetime = lifetime;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, Count), PosixSignalRegistration.Create(PosixSignal.SIGINT, Count)];
    }

    public void Dispose() => Array.ForEach(_registrations, registration => registration.Dispose());

    private void Count(PosixSignalContext context)
    {
        context.Cancel = true;
        switch (Interlocked.Increment(ref _signals))
        {
            case 1:
                // As the host does that hears the same signal, unless it has not come to listen yet.
                _lifetime.StopApplication();
                break;
            case 2:
                Console.Error.WriteLine("error: The node was told to stop a second time, and ends without waiting for anything.");
                Environment.Exit(ExitCode.Failed);
                break;
            default:
                break;
        }
    }
}
