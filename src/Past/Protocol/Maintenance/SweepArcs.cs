using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Collects the parts of the ring that a node has to go through because nodes have come or gone there: around each, the keys that it is, or was, one of the k
/// closest to. Of a node's leaf set most changes are too far away to concern any of its replicas.
/// </summary>
internal sealed class SweepArcs(ReplicaSets sets)
{
    private const int ArcsMax = 8;

    private List<KeyRange> _arcs = [];

    /// <summary>Adds the whole ring.</summary>
    public void AddAll() => _arcs = [KeyRange.All];

    /// <summary>Adds the surroundings of a node that has come or gone.</summary>
    /// <param name="changed">The node.</param>
    /// <param name="replicasMax">The largest k of the files that are held.</param>
    /// <param name="overlay">The overlay.</param>
    public void Add(NodeId changed, int replicasMax, IOverlay overlay)
    {
        var neighbors = overlay.NeighborSet(int.MaxValue);
        if (_arcs is [var only, ..] && only == KeyRange.All)
        {
            return;
        }

        if (_arcs.Count == ArcsMax || overlay.TryRange(overlay.Self, neighbors.Count, out _, out _))
        {
            // So many changes, or a ring so small, that everything may be concerned.
            AddAll();
            return;
        }

        List<NodeHandle> ring = [overlay.Self, .. neighbors.Where(neighbor => neighbor.Id != changed)];
        ring.Sort((left, right) => changed.ClockwiseTo(left.Id).CompareTo(changed.ClockwiseTo(right.Id)));

        // Beyond the farthest neighbour nothing is known of who should hold what. Seen from the changed node, a neighbour is on the side on which it is nearer.
        var after = ring.FindAll(node => changed.ClockwiseTo(node.Id) <= node.Id.ClockwiseTo(changed));
        var before = ring.FindAll(node => changed.ClockwiseTo(node.Id) > node.Id.ClockwiseTo(changed));
        before.Reverse();
        _arcs.Add(new KeyRange(Last(before), Last(after)));

        NodeId Last(List<NodeHandle> side) => side.Count > 0 ? side[sets.CountUpTo(replicasMax, side, overlay) - 1].Id : changed;
    }

    /// <summary>Takes what has been collected.</summary>
    public IReadOnlyList<KeyRange> Take()
    {
        var taken = _arcs;
        _arcs = [];
        return taken;
    }
}
