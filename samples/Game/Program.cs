using System.Net.Sockets;
using Game;
using P2P.Pastry;
using P2P.Scribe;
using Spectre.Console;

try
{
    return await GameCommand.Create().Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false });
}
catch (OperationCanceledException)
{
    return 130;
}
catch (TimeoutException)
{
    await Console.Error.WriteLineAsync("Nobody of the ring answers: is the address right, and is somebody there?");
    return 1;
}
catch (Exception failure) when (failure is PastryException or ScribeException or IOException or SocketException)
{
    AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) }).MarkupLineInterpolated($"[red]{failure.Message}[/]");
    return 1;
}
