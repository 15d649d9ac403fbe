using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Tells who should hold files, as of one step of the machine. The ring falls into arcs on which the same k nodes are closest and the same one
/// is the closest of all; the overlay is asked once for an arc, however many files lie on it.
/// </summary>
internal sealed class HolderArcs(ReplicaSets sets, IOverlay overlay)
{
    private readonly Dictionary<int, (KeyRange Arc, IReadOnlyList<NodeHandle> Holders)> _recent = [];

    /// <summary>
    /// Lists the k nodes closest to a key, the closest first and the others in any order; fewer, where the leaf set does not reach that far.
    /// </summary>
    public IReadOnlyList<NodeHandle> Find(NodeId key, int replicaCount)
    {
        if (_recent.TryGetValue(replicaCount, out var recent) && recent.Arc.Contains(key))
        {
            return recent.Holders;
        }

        var holders = sets.Of(key, replicaCount, overlay);
        if (holders.Count == replicaCount && sets.IsByClosenessAlone(overlay) && TryFindArc(key, holders, out var arc))
        {
            _recent[replicaCount] = (arc, holders);
        }

        return holders;
    }

    /// <summary>Intersects the ranges of all holders: on it, no other node can be one of the k.</summary>
    private bool TryFindArc(NodeId key, IReadOnlyList<NodeHandle> holders, out KeyRange arc)
    {
        arc = default;
        if (!overlay.TryRange(holders[0], rank: 0, out var from, out var to))
        {
            return false;
        }

        foreach (var holder in holders)
        {
            if (!overlay.TryRange(holder, holders.Count - 1, out var first, out var last))
            {
                return false;
            }

            from = first.ClockwiseTo(key) < from.ClockwiseTo(key) ? first : from;
            to = key.ClockwiseTo(last) < key.ClockwiseTo(to) ? last : to;
        }

        arc = new KeyRange(from, to);
        return true;
    }
}
