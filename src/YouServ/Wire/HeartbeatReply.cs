namespace P2P.YouServ.Wire;

/// <summary>What has changed since the last heartbeat.</summary>
internal sealed record HeartbeatReply
{
    /// <summary>Whether the lease is renewed. If not, the peer asks for one anew, or has been replaced by another.</summary>
    public required bool IsRenewed { get; init; }

    /// <summary>Whether another machine serves the site now.</summary>
    public bool IsReplaced { get; init; }

    /// <summary>The address from which the heartbeat came: one that is none of the lease's is a reason to ask anew.</summary>
    public required string ObservedAddress { get; init; }

    public required double HeartbeatSeconds { get; init; }

    /// <summary>Whether others keep copies, and may stand in where this peer is not heard.</summary>
    public bool HasReplicas { get; init; }

    /// <summary>Sessions that were revoked since.</summary>
    public IReadOnlyList<string> Revoked { get; init => field = value ?? []; } = [];

    /// <summary>The number of the last of them.</summary>
    public long RevocationsSeen { get; init; }

    /// <summary>The sites of which the peer is to keep copies: all others are to be deleted. Null where nothing is said of that.</summary>
    public IReadOnlyList<string>? Held { get; init; }
}
