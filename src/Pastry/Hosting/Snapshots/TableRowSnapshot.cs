using System.Collections.Immutable;

namespace P2P.Pastry;

/// <summary>Shows a row of the routing table.</summary>
/// <param name="Number">How many digits its nodes share with the table's owner.</param>
/// <param name="Nodes">Its nodes, by the next digit of their ids.</param>
public sealed record TableRowSnapshot(int Number, ImmutableArray<PeerSnapshot> Nodes);
