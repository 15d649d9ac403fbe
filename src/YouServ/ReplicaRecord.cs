namespace P2P.YouServ;

/// <summary>Says that one user's peer keeps a copy of another's site, or has been invited to.</summary>
public sealed record ReplicaRecord
{
    /// <summary>The site that is copied.</summary>
    public required SiteName Site { get; init; }

    /// <summary>The site whose peer keeps the copy.</summary>
    public required SiteName Holder { get; init; }

    /// <summary>Whether the holder has accepted.</summary>
    public bool IsAccepted { get; init; }

    /// <summary>Which state of the site the holder has written to its disk: the later one has the higher number. 0 before it has one.</summary>
    public long Version { get; init; }

    /// <summary>When the holder last said that it has that, by the store's clock; null before.</summary>
    public DateTimeOffset? ReportedAt { get; init; }
}
