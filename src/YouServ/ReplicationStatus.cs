namespace P2P.YouServ;

/// <summary>Says who keeps copies of a peer's site, and of which sites the peer keeps copies.</summary>
public sealed record ReplicationStatus
{
    /// <summary>The state in which the site is now: milliseconds since 1970 when it began; null while nobody copies it.</summary>
    public long? Version { get; init; }

    /// <summary>Who keeps copies of the site, or is invited to.</summary>
    public required IReadOnlyList<ReplicaStatus> Replicas { get; init; }

    /// <summary>What the peer keeps copies of, or is invited to.</summary>
    public required IReadOnlyList<CopyStatus> Copies { get; init; }
}
