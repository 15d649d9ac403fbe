namespace P2P.YouServ.Wire;

/// <summary>A peer lives.</summary>
internal sealed record HeartbeatRequest
{
    public required string LeaseId { get; init; }

    /// <summary>The number of the last revocation that it knows.</summary>
    public long RevocationsSeen { get; init; }

    /// <summary>The copies of others' sites that it has on its disk.</summary>
    public IReadOnlyList<HeldVersion> Held { get; init => field = value ?? []; } = [];
}
