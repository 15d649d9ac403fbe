using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Estimates, from this node's own leaf set, how far apart nodes lie. Ids are spread evenly, so that tells of any place of the ring who may
/// possibly be among the closest there; who is far off is not, whatever it says of itself.
/// </summary>
internal readonly struct RingDensity
{
    /// <summary>
    /// How far off a holder may lie, in mean distances of nodes: this and two for each replica. With less, an unlucky estimate would pass over
    /// true holders; who makes keys at will needs as many times fewer of them to be named.
    /// </summary>
    private const int HolderGapsMin = 16;

    private readonly UInt128 _gap;

    public RingDensity(IOverlay overlay)
    {
        var neighbors = overlay.NeighborSet(int.MaxValue);
        Members = neighbors.Count;
        IsWhole = overlay.TryRange(overlay.Self, Members, out _, out _);
        _gap = IsWhole || Members < 2
            ? UInt128.MaxValue / (UInt128)(Members + 1)
            : neighbors[^1].Id.DistanceTo(overlay.Self.Id) / (UInt128)Members * 2;
    }

    /// <summary>How many other nodes the leaf set holds.</summary>
    public int Members { get; }

    /// <summary>Tells whether these are all there are.</summary>
    public bool IsWhole { get; }

    /// <summary>
    /// How many replicas of a file the nodes that hold them can answer for: each has to know all others, on whichever side of the id they lie.
    /// </summary>
    public int ReplicasMax => IsWhole ? FileCertificate.ReplicaCountMax : Members / 2 + 1;

    /// <summary>Tells whether a node lies where one of so many that are closest to a key may.</summary>
    public bool MayHold(int replicaCount, NodeId node, NodeId key) => IsWithin(HolderGapsMin + 2 * replicaCount, node, key);

    /// <summary>Tells whether a node lies within so many mean gaps of a key.</summary>
    public bool IsWithin(int gaps, NodeId node, NodeId key) => node.DistanceTo(key) / (UInt128)gaps <= _gap;
}
