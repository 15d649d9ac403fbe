using Microsoft.Extensions.Logging;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past;

internal static partial class PastLog
{
    [LoggerMessage(3100, LogLevel.Warning, "The replica of {FileId} is damaged; it has been put aside and another is fetched.")]
    public static partial void Damaged(this ILogger logger, FileId fileId);

    [LoggerMessage(3101, LogLevel.Debug, "The replica of {FileId} is deleted: the nodes that should hold the file do.")]
    public static partial void Dropped(this ILogger logger, FileId fileId);

    [LoggerMessage(3102, LogLevel.Error, "A replica of {FileId} could not be stored.")]
    public static partial void KeepFailed(this ILogger logger, Exception exception, FileId fileId);

    [LoggerMessage(3103, LogLevel.Warning, "Node {Holder} answered a lookup of {FileId} with something that is not the file; others are asked.")]
    public static partial void Lied(this ILogger logger, NodeHandle holder, FileId fileId);

    [LoggerMessage(3104, LogLevel.Error, "Work in the background failed.")]
    public static partial void WorkFailed(this ILogger logger, Exception exception);

    [LoggerMessage(3105, LogLevel.Error, "The replica of {FileId} can't be read.")]
    public static partial void ReadFailed(this ILogger logger, Exception exception, FileId fileId);

    [LoggerMessage(3110, LogLevel.Warning, "Node {From} claims that the owner of {FileId} takes it back, and can't prove it.")]
    public static partial void ReclaimForged(this ILogger logger, NodeHandle from, FileId fileId);

    [LoggerMessage(3111, LogLevel.Warning, "The replica of {FileId} can't be given up now; its owner tries again.")]
    public static partial void ReclaimFailed(this ILogger logger, Exception exception, FileId fileId);

    [LoggerMessage(3113, LogLevel.Warning, "No more files that owners have taken back can be remembered; {FileId} may be brought back by a node that is away.")]
    public static partial void ReclaimNotKept(this ILogger logger, Exception exception, FileId fileId);

    [LoggerMessage(3108, LogLevel.Error, "The cached copy of {FileId} can't be kept or deleted.")]
    public static partial void CopyFailed(this ILogger logger, Exception exception, FileId fileId);

    [LoggerMessage(3109, LogLevel.Debug, "No copy of {FileId} is cached: its source does not give it, or there is no room now.")]
    public static partial void NotCached(this ILogger logger, Exception exception, FileId fileId);

    [LoggerMessage(3112, LogLevel.Warning, "The cached copy of {FileId} is damaged; it has been removed.")]
    public static partial void CopyDamaged(this ILogger logger, FileId fileId);

    [LoggerMessage(3106, LogLevel.Warning, "Too much is going on at once: {Work} was not done. Whoever waits for it asks again.")]
    public static partial void Overloaded(this ILogger logger, string work);

    [LoggerMessage(3107, LogLevel.Warning, "{Count} files or rows of the replica store belonged to no replica; they have been put aside or removed.")]
    public static partial void Swept(this ILogger logger, int count);

    [LoggerMessage(3120, LogLevel.Warning, "The file {FileId} could not be credited to its owner's quota; take it back once more.")]
    public static partial void CreditFailed(this ILogger logger, Exception exception, FileId fileId);

    [LoggerMessage(3121, LogLevel.Warning, "The broker does not count on what this node contributes: {Standing}. Its clock may have been set back, or the broker has too many contributors.")]
    public static partial void ContributionRefused(this ILogger logger, BrokerStanding standing);

    [LoggerMessage(3122, LogLevel.Warning, "The quota could not be told how the insert of {FileId} ended.")]
    public static partial void QuotaNotTold(this ILogger logger, Exception exception, FileId fileId);

    [LoggerMessage(3123, LogLevel.Warning, "What the insert of {FileId} has debited before it failed could not be taken back; it stays debited.")]
    public static partial void DebitLeft(this ILogger logger, Exception exception, FileId fileId);
}
