namespace P2P.YouServ;

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
