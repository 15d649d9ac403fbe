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

/// <summary>Somebody keeps a copy of the site, or is invited to.</summary>
public sealed record ReplicaStatus
{
    /// <summary>Whose peer it is.</summary>
    public required SiteName Holder { get; init; }

    /// <summary>Whether the invitation has been accepted.</summary>
    public bool IsAccepted { get; init; }

    /// <summary>The state that is on the holder's disk; 0 for none.</summary>
    public long Version { get; init; }

    /// <summary>When the holder last said so; null before.</summary>
    public DateTimeOffset? ReportedAt { get; init; }
}

/// <summary>The peer keeps a copy of somebody's site, or is invited to.</summary>
public sealed record CopyStatus
{
    /// <summary>Whose site it is.</summary>
    public required SiteName Site { get; init; }

    /// <summary>What the owner is called.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>Whether the invitation has been accepted.</summary>
    public bool IsAccepted { get; init; }

    /// <summary>The state that is on the disk; 0 for none.</summary>
    public long Version { get; init; }

    /// <summary>When it was last found to be what the owner's site is; null before.</summary>
    public DateTimeOffset? CheckedAt { get; init; }

    /// <summary>Why it does not follow the owner's site now; empty while it does.</summary>
    public string Detail { get; init; } = "";
}
