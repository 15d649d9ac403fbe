using P2P.Pastry;

namespace P2P.Scribe;

/// <summary>Says what became of an anycast.</summary>
public abstract record AnycastResult
{
    private AnycastResult()
    {
    }

    /// <summary>A member has accepted.</summary>
    /// <param name="Node">The member's node, as the transport proves.</param>
    /// <param name="Reply">What it answers; may be empty.</param>
    public sealed record Accepted(NodeId Node, ReadOnlyMemory<byte> Reply) : AnycastResult;

    /// <summary>Nobody that was asked has accepted; of large groups, not everybody is asked.</summary>
    public sealed record NobodyAccepted : AnycastResult;

    /// <summary>There is no such group.</summary>
    public sealed record NotFound : AnycastResult;

    /// <summary>The author may not publish in this group, or has asked more than it allows (<see cref="GroupPolicy.MessagesPerSecondMax"/>).</summary>
    public sealed record Denied : AnycastResult;

    /// <summary>Nobody has answered in time; some member may have accepted.</summary>
    public sealed record Unreachable : AnycastResult;
}
