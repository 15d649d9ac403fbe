using System.CommandLine;
using System.CommandLine.Invocation;
using NodeSample;
using NodeSample.Commands;

var root = new RootCommand("Runs a node of a Pastry ring that keeps files for the others, and stores and finds files through one.")
{
    RunCommand.Create(),
    PutCommand.Create(),
    GetCommand.Create(),
    ReclaimCommand.Create(),
    QuotaCommand.Create(),
    StatusCommand.Create(),
    IdentityCommand.Create(),
    AuthorityCommand.Create(),
};
var arguments = root.Parse(args);
if (arguments.Action is ParseErrorAction)
{
    var message = arguments.UnmatchedTokens is [var first, ..] ? $"'{first}' is not understood; --help lists what is." : arguments.Errors[0].Message;
    return await Failure.ReportAsync(ExitCode.Usage, message);
}

try
{
    // The node ends itself when told to, and takes the time that it needs.
    return await arguments.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
}
catch (UsageException exception)
{
    return await Failure.ReportAsync(ExitCode.Usage, exception.Message);
}
catch (Exception exception) when (Failure.IsExpected(exception))
{
    return await Failure.ReportAsync(ExitCode.Failed, exception.Message);
}
