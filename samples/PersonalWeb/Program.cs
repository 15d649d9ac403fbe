using System.CommandLine;
using System.Net.Sockets;
using System.Security.Cryptography;
using P2P.YouServ;
using PersonalWeb;
using Spectre.Console;

var demo = new Option<bool>("--demo") { Description = "Walk through the scenes, and stop." };
var folder = new Option<DirectoryInfo?>("--data") { Description = "Where the village keeps what it has; by default in a folder that goes when it stops." };
var root = new RootCommand("Everyone's own web site on their own machine, under their own name. Without a command: a coordinator, its DNS and the sites of joe, alice and bob, on this machine.")
{
    demo,
    folder,
    CoordinatorCommand.Create(),
    PeerCommand.Create(),
};
root.SetAction((arguments, cancellationToken) => VillageCommand.RunAsync(arguments.GetValue(demo), arguments.GetValue(folder), cancellationToken));
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (OperationCanceledException)
{
    return 130;
}
catch (Exception failure) when (failure is YouServException or IOException or UnauthorizedAccessException or ArgumentException or FormatException or CryptographicException or SocketException)
{
    AnsiConsole.MarkupLineInterpolated($"[red]{failure.Message}[/]");
    return 1;
}
