using Microsoft.Extensions.Logging;
using P2P.Pastry.Wire;

namespace P2P.Pastry;

internal sealed partial class NodeLoop
{
    [LoggerMessage(2100, LogLevel.Error, "An input of kind {Kind} made the node's machine or an application fail; the input is lost.")]
    private partial void LogInputFailed(Exception exception, string kind);

    [LoggerMessage(2101, LogLevel.Error, "A message of kind {Kind} from {From} made the node's machine or an application fail; the message is lost.")]
    private partial void LogMessageFailed(Exception exception, MessageKind kind, NodeHandle from);

    [LoggerMessage(2102, LogLevel.Information, "The machine slept for about {Duration}; leases from before are not used.")]
    private partial void LogSleepNoticed(TimeSpan duration);

    [LoggerMessage(2103, LogLevel.Critical, "The node's loop has failed; the node stops. This is a fault of the library: please report it.")]
    private partial void LogLoopFailed(Exception exception);

    [LoggerMessage(2104, LogLevel.Warning, "A message of kind {Kind} with {Length} bytes is too long to be sent, and is dropped.")]
    private partial void LogMessageTooLong(MessageKind kind, int length);

    [LoggerMessage(2105, LogLevel.Error, "A message of kind {Kind} to {To} could not be encoded or handed to the transport; it is lost.")]
    private partial void LogSendFailed(Exception exception, MessageKind kind, NodeHandle to);

    [LoggerMessage(2106, LogLevel.Error, "The effect {Effect} could not be carried out.")]
    private partial void LogEffectFailed(Exception exception, string effect);

    [LoggerMessage(2107, LogLevel.Warning, "Whoever collects the node's metrics or spans has failed; what was to be shown is lost.")]
    private partial void LogTelemetryFailed(Exception exception);
}
