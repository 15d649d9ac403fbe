namespace P2P.YouServ.Wire;

/// <summary>The name points at the peer.</summary>
internal sealed record LeaseReply
{
    public required string LeaseId { get; init; }

    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>Whether somebody else's machine has stood in with its copy until now: it has seen what visitors' browsers send.</summary>
    public bool WasHeld { get; init; }

    /// <summary>How often to send heartbeats, in seconds.</summary>
    public required double HeartbeatSeconds { get; init; }
}
