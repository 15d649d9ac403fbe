namespace P2P.YouServ;

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
