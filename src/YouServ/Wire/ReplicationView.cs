namespace P2P.YouServ.Wire;

/// <summary>Who keeps copies of a peer's site, and of which sites the peer keeps copies, as the owner's page shows it.</summary>
internal sealed record ReplicationView
{
    public long? Version { get; init; }

    public required IReadOnlyList<ReplicaView> Replicas { get; init; }

    public required IReadOnlyList<CopyView> Copies { get; init; }

    public static ReplicationView Of(ReplicationStatus status) => new()
    {
        Version = status.Version,
        Replicas =
        [
            .. status.Replicas.Select(replica => new ReplicaView { Holder = replica.Holder.Value, IsAccepted = replica.IsAccepted, Version = replica.Version, ReportedAt = replica.ReportedAt }),
        ],
        Copies =
        [
            .. status.Copies.Select(copy => new CopyView
            {
                Site = copy.Site.Value,
                DisplayName = copy.DisplayName,
                IsAccepted = copy.IsAccepted,
                Version = copy.Version,
                CheckedAt = copy.CheckedAt,
                Detail = copy.Detail,
            }),
        ],
    };
}

/// <summary>A site of which the peer keeps a copy, or is invited to.</summary>
internal sealed record CopyView
{
    public required string Site { get; init; }

    public required string DisplayName { get; init; }

    public required bool IsAccepted { get; init; }

    public required long Version { get; init; }

    public DateTimeOffset? CheckedAt { get; init; }

    public required string Detail { get; init; }
}
