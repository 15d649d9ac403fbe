using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text.Json.Nodes;
using BackupTool;
using BackupTool.Commands;
using P2P.Past;
using P2P.Pastry;

var root = new RootCommand("Backs up files to a ring of PAST: in pieces that are stored once, encrypted, at several nodes each. The repository's id and the passphrase bring them back on any machine.")
{
    InitCommand.Create(),
    BackupCommand.Create(),
    SnapshotsCommand.Create(),
    LsCommand.Create(),
    RestoreCommand.Create(),
    DiffCommand.Create(),
    CheckCommand.Create(),
    ForgetCommand.Create(),
    PruneCommand.Create(),
};
foreach (var option in CommonOptions.All)
{
    root.Add(option);
}

var arguments = root.Parse(args);
if (arguments.Action is ParseErrorAction)
{
    var message = arguments.UnmatchedTokens is [var first, ..] ? $"'{first}' is not understood; --help lists what is." : arguments.Errors[0].Message;
    return await FailAsync(ExitCode.Usage, message, isJson: false);
}

try
{
    return await arguments.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(15) });
}
catch (BackupException exception)
{
    return await FailAsync(exception.Code, exception.Message, arguments.GetValue(CommonOptions.Json));
}
catch (OperationCanceledException)
{
    return await FailAsync(ExitCode.Stopped, "Stopped.", arguments.GetValue(CommonOptions.Json));
}
catch (Exception exception) when (exception is PastException or PastryException or IOException or UnauthorizedAccessException or FormatException or ArgumentException)
{
    return await FailAsync(ExitCode.Failed, exception.Message, arguments.GetValue(CommonOptions.Json));
}

static async Task<int> FailAsync(ExitCode code, string message, bool isJson)
{
    if (isJson)
    {
        Console.WriteLine(new JsonObject { ["type"] = "error", ["code"] = (int)code, ["message"] = message }.ToJsonString());
    }

    await Console.Error.WriteLineAsync($"error: {Output.Plain(message.ReplaceLineEndings(" "))}");
    return (int)code;
}
