namespace P2P.Pastry;

/// <summary>Is one change of a node's leaf set.</summary>
/// <param name="Node">The node that came or went.</param>
/// <param name="Change">How.</param>
public readonly record struct NeighborChanged(NodeHandle Node, NeighborChange Change);
