using System.Net.Sockets;
using P2P.Past;
using P2P.Pastry;
using P2P.Scribe;
using P2P.YouSearch;
using P2P.YouServ;
using QuickStart;

// Who stops the tour in the middle waits until its folder is gone.
var patience = TimeSpan.FromSeconds(60);
try
{
    return await TourCommand.Create().Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = patience });
}
catch (Exception failure) when (failure is PastException or PastryException or ScribeException or YouServException or YouSearchException or IOException or UnauthorizedAccessException
    or HttpRequestException or SocketException or TimeoutException or OperationCanceledException)
{
    await Console.Error.WriteLineAsync($"The tour failed: {failure.Message}");
    return 1;
}
