using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using P2P.Past;
using P2P.Pastry;
using P2P.Scribe;
using P2P.YouSearch;
using P2P.YouServ;
using QuickStart;

// Who stops the tour, however early, waits until its folder is gone; a second time, a second later or more, ends it at once. Some send a signal to a process and to its group: that is one.
var repeatAfter = TimeSpan.FromSeconds(1);
var stoppedAt = 0L;
using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return await TourCommand.Create().Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
}
catch (Exception failure) when (failure is PastException or PastryException or ScribeException or YouServException or YouSearchException or IOException or UnauthorizedAccessException
    or HttpRequestException or SocketException or TimeoutException or OperationCanceledException)
{
    await Console.Error.WriteLineAsync($"The tour failed: {failure.Message}");
    return 1;
}

void Stop(PosixSignalContext signal)
{
    var isFirst = Interlocked.CompareExchange(ref stoppedAt, Stopwatch.GetTimestamp(), 0) == 0;
    signal.Cancel = isFirst || Stopwatch.GetElapsedTime(Volatile.Read(ref stoppedAt)) < repeatAfter;
    stop.Cancel();
}
