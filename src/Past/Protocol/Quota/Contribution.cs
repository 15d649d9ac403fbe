using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>Is what a node contributes to the ring's supply.</summary>
/// <param name="Node">The node.</param>
/// <param name="Account">The hash of the owner's key for whom it does.</param>
/// <param name="CapacityBytes">How much; 0 where the node has withdrawn, which is remembered so that nothing older takes effect once more.</param>
/// <param name="Sequence">The node's own number of this word; a higher one replaces it.</param>
/// <param name="ExpiresAt">Until when it counts without being renewed, by the broker's clock.</param>
internal sealed record Contribution(NodeId Node, Hash256 Account, long CapacityBytes, long Sequence, DateTimeOffset ExpiresAt);
