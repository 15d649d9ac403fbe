using System.Runtime.InteropServices;

namespace NodeSample.Stopping;

/// <summary>Ends the process at once when it is told a second time to stop: whoever does that does not want to wait. A crash costs no replica, nor does this.</summary>
internal sealed class SecondSignal : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private int _signals;

    public SecondSignal() =>
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, Count), PosixSignalRegistration.Create(PosixSignal.SIGINT, Count)];

    public void Dispose() => Array.ForEach(_registrations, registration => registration.Dispose());

    private void Count(PosixSignalContext context)
    {
        // The first one is the host's to act on.
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) == 2)
        {
            Console.Error.WriteLine("error: The node was told to stop a second time, and ends without waiting for anything.");
            Environment.Exit(ExitCode.Failed);
        }
    }
}
