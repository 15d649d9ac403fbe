namespace P2P.YouServ.Wire;

/// <summary>A peer asks that the name of its user's site points at it.</summary>
internal sealed record LeaseRequest
{
    /// <summary>Where it can be reached; empty for the address from which the request comes.</summary>
    public IReadOnlyList<string> Addresses { get; init => field = value ?? []; } = [];

    public required int Port { get; init; }

    /// <summary>Whether it speaks HTTPS there.</summary>
    public bool IsSecure { get; init; }

    /// <summary>Whether it carries the connections of peers that nobody else can reach.</summary>
    public bool IsProxy { get; init; }

    /// <summary>The site whose peer carries its own; null where it is to be reached itself.</summary>
    public string? Via { get; init; }
}
