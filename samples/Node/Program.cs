using System.CommandLine;
using System.CommandLine.Invocation;
using NodeSample;
using NodeSample.Commands;

var arguments = NodeCommand.Create().Parse(args);
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
