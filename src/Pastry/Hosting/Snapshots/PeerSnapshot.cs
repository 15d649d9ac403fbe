namespace P2P.Pastry;

/// <summary>Shows what a node knows of another one.</summary>
public sealed record PeerSnapshot
{
    /// <summary>Who it is.</summary>
    public required NodeHandle Node { get; init; }

    /// <summary>The mean round trip to it, or null where none was measured.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>
    /// When it last spoke to this node, to the second; null where it never did, and where it does not stand in the routing table: only of those
    /// there it is kept.
    /// </summary>
    public Instant? HeardAt { get; init; }

    /// <summary>Whether it is passed over, since it was silent.</summary>
    public bool IsSuspected { get; init; }
}
