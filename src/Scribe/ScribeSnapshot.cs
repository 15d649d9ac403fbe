namespace P2P.Scribe;

/// <summary>Is what a node does for the ring's groups, at one moment between two of its steps. It never changes.</summary>
public sealed record ScribeSnapshot
{
    /// <summary>The groups in whose trees the node is, in the order of their ids.</summary>
    public required IReadOnlyList<GroupSnapshot> Groups { get; init; }

    /// <summary>With how many nodes it shares trees: each gets one heartbeat for all groups.</summary>
    public required int NeighborCount { get; init; }

    /// <summary>For how many groups it keeps the state of the rendezvous point, those that it is itself included.</summary>
    public required int RecordCount { get; init; }
}
