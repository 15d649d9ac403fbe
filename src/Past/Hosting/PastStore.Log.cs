using Microsoft.Extensions.Logging;
using P2P.Pastry;

namespace P2P.Past.Hosting;

public sealed partial class PastStore
{
    [LoggerMessage(3100, LogLevel.Warning, "The replica of {FileId} is damaged; it has been put aside and another is fetched.")]
    private partial void LogDamaged(FileId fileId);

    [LoggerMessage(3101, LogLevel.Debug, "The replica of {FileId} is deleted: the nodes that should hold the file do.")]
    private partial void LogDropped(FileId fileId);

    [LoggerMessage(3102, LogLevel.Error, "A replica of {FileId} could not be stored.")]
    private partial void LogKeepFailed(Exception exception, FileId fileId);

    [LoggerMessage(3103, LogLevel.Warning, "Node {Holder} answered a lookup of {FileId} with something that is not the file; others are asked.")]
    private partial void LogLied(NodeHandle holder, FileId fileId);

    [LoggerMessage(3104, LogLevel.Error, "Work in the background failed.")]
    private partial void LogWorkFailed(Exception exception);

    [LoggerMessage(3105, LogLevel.Error, "The replica of {FileId} can't be read.")]
    private partial void LogReadFailed(Exception exception, FileId fileId);
}
