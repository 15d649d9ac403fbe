using P2P.Pastry;

namespace NodeSample.Control;

/// <summary>Shows a member of the leaf set.</summary>
/// <param name="Id">Who it is.</param>
/// <param name="Address">Where it is reached.</param>
/// <param name="Sides">On which sides it stands, left, right or both.</param>
/// <param name="RoundTripMs">The mean round trip, where one was measured.</param>
/// <param name="Suspected">Whether it is passed over, since it was silent.</param>
internal sealed record NeighborStatus(string Id, string Address, string[] Sides, double? RoundTripMs, bool Suspected)
{
    /// <summary>Lists the leaf set from the farthest on the left to the farthest on the right.</summary>
    public static NeighborStatus[] Of(PastrySnapshot node) =>
    [
        .. from peer in node.Left.Reverse().Concat(node.Right).DistinctBy(peer => peer.Node.Id)
           select new NeighborStatus(
               peer.Node.Id.ToString(),
               peer.Node.Address.ToString(),
               [.. SidesOf(peer.Node.Id, node).Select(Words.Of)],
               peer.RoundTrip?.TotalMilliseconds,
               peer.IsSuspected),
    ];

    private static IEnumerable<RingSide> SidesOf(NodeId id, PastrySnapshot node)
    {
        if (node.Left.Any(peer => peer.Node.Id == id))
        {
            yield return RingSide.Left;
        }

        if (node.Right.Any(peer => peer.Node.Id == id))
        {
            yield return RingSide.Right;
        }
    }
}
