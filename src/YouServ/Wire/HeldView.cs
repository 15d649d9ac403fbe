namespace P2P.YouServ.Wire;

/// <summary>A site of which the peer keeps a copy, or is invited to.</summary>
internal sealed record HeldView
{
    public required string Site { get; init; }

    /// <summary>Whose it is.</summary>
    public required string Owner { get; init; }

    public string DisplayName { get; init => field = value ?? ""; } = "";

    public bool IsAccepted { get; init; }

    /// <summary>Where it is to be copied from; null while the owner's peer is away.</summary>
    public SourceView? Source { get; init; }
}

/// <summary>Where the owner's peer is, and what lets another copy from it.</summary>
internal sealed record SourceView
{
    public required IReadOnlyList<string> Addresses { get; init; }

    public required int Port { get; init; }

    public required bool IsSecure { get; init; }

    /// <summary>A <see cref="SyncPass"/> that is signed.</summary>
    public required string Pass { get; init; }
}

/// <summary>Asks who keeps copies of the peer's site, and of what it keeps copies.</summary>
internal sealed record ReplicaQuery
{
    /// <summary>The one site that is asked for, of those of which the peer keeps copies; null for all.</summary>
    public string? Held { get; init; }
}

/// <summary>Who keeps copies of the peer's site, and of what it keeps copies.</summary>
internal sealed record ReplicasReply
{
    public IReadOnlyList<ReplicaView> Own { get; init => field = value ?? []; } = [];

    public IReadOnlyList<HeldView> Held { get; init => field = value ?? []; } = [];
}

/// <summary>Somebody who keeps a copy of the peer's site, or is invited to.</summary>
internal sealed record ReplicaView
{
    /// <summary>The site whose peer it is.</summary>
    public required string Holder { get; init; }

    public bool IsAccepted { get; init; }

    /// <summary>The state that it has; 0 for none.</summary>
    public long Version { get; init; }

    public DateTimeOffset? ReportedAt { get; init; }
}

/// <summary>Names a site, whose peer is to keep a copy or whose copy is meant.</summary>
internal sealed record ReplicaWish
{
    public required string Site { get; init; }
}

/// <summary>A state of a site that a peer has on its disk.</summary>
internal sealed record HeldVersion
{
    public required string Site { get; init; }

    /// <summary>0 before it has one.</summary>
    public required long Version { get; init; }
}
