using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Tells which nodes should hold a file: the k live ones closest to its id (PAST §2.1) that hold replicas at all and, as long as others are known, would
/// not fail together.
/// </summary>
/// <remarks>
/// All nodes stand in one order for a key: the closest of each failure domain first, then the others, both by closeness. The first k should hold the file.
/// </remarks>
internal sealed class ReplicaSets(StorageReports reports)
{
    /// <summary>Lists the nodes that should hold a file, the closest first; fewer, where the leaf set does not reach that far.</summary>
    public IReadOnlyList<NodeHandle> Of(NodeId key, int replicaCount, IOverlay overlay) =>
        IsByClosenessAlone(overlay) ? overlay.ReplicaSet(key, replicaCount) : Order(overlay.ReplicaSet(key, int.MaxValue), replicaCount, overlay);

    /// <summary>Tells whether it is closeness alone that decides around here.</summary>
    public bool IsByClosenessAlone(IOverlay overlay) =>
        reports.AccessPointCount == 0 && reports.SharedDomainCount == 0 && !reports.IsAccessPoint(overlay.Self, overlay);

    /// <summary>Tells whether this node is one of those that should hold a file.</summary>
    public bool IncludeSelf(NodeId key, int replicaCount, IOverlay overlay) => HoldsReplicas(overlay.Self, overlay) && CountBefore(key, overlay) < replicaCount;

    /// <summary>Tells whether a node holds replicas at all.</summary>
    public bool HoldsReplicas(NodeHandle node, IOverlay overlay) => !reports.IsAccessPoint(node, overlay);

    /// <summary>Counts the known nodes that should hold a file rather than this one: 0 at the closest.</summary>
    public int CountBefore(NodeId key, IOverlay overlay)
    {
        if (reports.SharedDomainCount == 0)
        {
            return overlay.CountCloser(key) - reports.CountCloserAccessPoints(key, overlay.Self.Id);
        }

        var known = overlay.ReplicaSet(key, int.MaxValue);
        if (known.Count == 0)
        {
            // The leaf set does not reach the key: what it shows is all on one side.
            known = [.. overlay.NeighborSet(int.MaxValue).Where(neighbor => neighbor.Id.IsCloserTo(key, overlay.Self.Id)).OrderBy(neighbor => neighbor.Id.DistanceTo(key))];
        }

        var order = Order(known.Contains(overlay.Self) ? known : [.. known, overlay.Self], int.MaxValue, overlay);
        var rank = order.FindIndex(node => node.Id == overlay.Self.Id);
        return rank < 0 ? order.Count : rank;
    }

    /// <summary>
    /// Counts how many nodes of a row, such as those on one side of a place, there are up to so many of which each would be preferred to all behind it.
    /// </summary>
    public int CountUpTo(int preferred, IReadOnlyList<NodeHandle> row, IOverlay overlay)
    {
        var domains = new HashSet<ulong>();
        for (var i = 0; i < row.Count; i++)
        {
            var isPreferred = !reports.IsAccessPoint(row[i], overlay) && (row[i].FailureDomain == 0 || domains.Add(row[i].FailureDomain));
            if (isPreferred && --preferred == 0)
            {
                return i + 1;
            }
        }

        return row.Count;
    }

    /// <summary>Orders nodes that are listed by closeness, as far as they are asked for.</summary>
    private List<NodeHandle> Order(IReadOnlyList<NodeHandle> closest, int max, IOverlay overlay)
    {
        var chosen = new List<NodeHandle>();
        var spared = new List<NodeHandle>();
        var domains = new HashSet<ulong>();
        foreach (var node in closest)
        {
            if (chosen.Count == max)
            {
                return chosen;
            }

            if (!reports.IsAccessPoint(node, overlay))
            {
                (node.FailureDomain == 0 || domains.Add(node.FailureDomain) ? chosen : spared).Add(node);
            }
        }

        chosen.AddRange(spared.Take(max - chosen.Count));
        return chosen;
    }
}
