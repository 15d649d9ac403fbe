namespace P2P.YouServ.Wire;

/// <summary>A peer goes.</summary>
internal sealed record ReleaseRequest
{
    public required string LeaseId { get; init; }
}
