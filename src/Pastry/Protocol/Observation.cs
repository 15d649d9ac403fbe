using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>Is what became of a routed message at this node, for whoever measures and traces. Nothing depends on it.</summary>
internal readonly record struct Observation
{
    public required ObservationKind Kind { get; init; }

    /// <summary>The message; of its payload nothing is said.</summary>
    public required Message Message { get; init; }

    /// <summary>Where it goes, or went, next; null where it was delivered.</summary>
    public NodeHandle? NextHop { get; init; }

    /// <summary>By which rule that one was chosen.</summary>
    public RoutingRule Rule { get; init; }

    /// <summary>How many digits the node shares with the key: the row of its table that is of use.</summary>
    public int Row { get; init; }

    /// <summary>Which next hop this is at this node, from 1.</summary>
    public int Attempt { get; init; }

    /// <summary>How long the acknowledgement took.</summary>
    public TimeSpan RoundTrip { get; init; }

    public static Observation OfHop(ObservationKind kind, in PendingHop hop) => new()
    {
        Kind = kind,
        Message = hop.Message with { Payload = default },
        NextHop = hop.NextHop,
        Attempt = hop.Attempt,
    };
}

/// <summary>Says what became of a message.</summary>
internal enum ObservationKind
{
    /// <summary>It goes to the next hop; told of messages that are traced only.</summary>
    Sent,

    /// <summary>The next hop has taken custody of it.</summary>
    Acknowledged,

    /// <summary>The next hop was silent or has gone.</summary>
    Lost,

    /// <summary>It was delivered here.</summary>
    Delivered,
}

/// <summary>Names the rules of §2.2 that choose a next hop.</summary>
internal enum RoutingRule
{
    /// <summary>The leaf set covers the key: its closest member.</summary>
    LeafSet,

    /// <summary>The entry of the routing table with one more digit in common.</summary>
    Table,

    /// <summary>The rare case, a hop that an application chose, and one around a silent node: any that is known and closer.</summary>
    Closer,
}
