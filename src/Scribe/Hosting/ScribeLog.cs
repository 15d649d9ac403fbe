using Microsoft.Extensions.Logging;
using P2P.Pastry;
using P2P.Scribe.Protocol;

namespace P2P.Scribe;

/// <summary>Says what whoever runs a node may want to know. Of neighbours it names those that did wrong, and for who looks for a fault those that it hangs below.</summary>
internal static partial class ScribeLog
{
    /// <summary>Says what the machine has noted.</summary>
    public static void Note(this ILogger logger, ScribeNote note)
    {
        switch (note)
        {
            case RootBegan began when began.Epoch == 1:
                logger.RootBegan(began.Group);
                break;
            case RootBegan began:
                logger.RootTakenOver(began.Group, began.Epoch);
                break;
            case RootEnded ended:
                logger.RootEnded(ended.Group);
                break;
            case ParentsLost lost:
                logger.ParentsLost(lost.GroupCount);
                break;
            case Grafted grafted:
                logger.Grafted(grafted.Group, grafted.Parent, grafted.Depth);
                break;
            case ParentDistrusted distrusted:
                logger.ParentDistrusted(distrusted.Parent, distrusted.Group);
                break;
            case ChildrenGone gone:
                logger.ChildrenGone(gone.GroupCount);
                break;
            case Refused refused:
                logger.Refused(refused.Count, refused.Cause);
                break;
            default:
                break;
        }
    }

    [LoggerMessage(4100, LogLevel.Information, "The group {Group} has begun, and this node is its rendezvous point.")]
    private static partial void RootBegan(this ILogger logger, GroupId group);

    [LoggerMessage(4101, LogLevel.Information, "This node has taken over as the rendezvous point of {Group}, in epoch {Epoch}.")]
    private static partial void RootTakenOver(this ILogger logger, GroupId group, uint epoch);

    [LoggerMessage(4102, LogLevel.Information, "A node that is closer to {Group} is its rendezvous point now; this one is it no more.")]
    private static partial void RootEnded(this ILogger logger, GroupId group);

    [LoggerMessage(4103, LogLevel.Information, "A node does not answer any more that was this node's parent in {Count} trees; others are asked.")]
    private static partial void ParentsLost(this ILogger logger, int count);

    [LoggerMessage(4104, LogLevel.Debug, "In the tree of {Group} this node hangs below {Parent}, {Depth} hops below the rendezvous point.")]
    private static partial void Grafted(this ILogger logger, GroupId group, NodeHandle parent, int depth);

    [LoggerMessage(4105, LogLevel.Warning, "Node {Parent} did not pass on what it should in {Group}, or passed on what nobody has signed; for some minutes it is asked only where there is nobody else.")]
    private static partial void ParentDistrusted(this ILogger logger, NodeHandle parent, GroupId group);

    [LoggerMessage(4106, LogLevel.Information, "A node does not answer any more that was this node's child in {Count} trees; it is let go.")]
    private static partial void ChildrenGone(this ILogger logger, int count);

    [LoggerMessage(4107, LogLevel.Warning, "{Count} requests and batches were refused in the last seconds: {Cause}.")]
    private static partial void Refused(this ILogger logger, long count, RefusalCause cause);
}
