using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Tells which nodes should hold a file: the k live ones closest to its id (PAST §2.1) that hold replicas at all and, as long as others are known, would
/// not fail together.
/// </summary>
internal sealed class ReplicaSets(StorageReports reports)
{
    /// <summary>Lists the nodes that should hold a file, the closest first; fewer, where the leaf set does not reach that far.</summary>
    public IReadOnlyList<NodeHandle> Of(NodeId key, int replicaCount, IOverlay overlay) =>
        IsByClosenessAlone(overlay) ? overlay.ReplicaSet(key, replicaCount) : Choose(overlay.ReplicaSet(key, int.MaxValue), replicaCount, overlay);

    /// <summary>Tells whether it is closeness alone that decides around here.</summary>
    public bool IsByClosenessAlone(IOverlay overlay) =>
        reports.AccessPointCount == 0 && reports.SharedDomainCount == 0 && !reports.IsAccessPoint(overlay.Self, overlay);

    /// <summary>Counts the known nodes that hold replicas and are closer to a key than this one: 0 at the closest.</summary>
    public int CountCloser(NodeId key, IOverlay overlay) => overlay.CountCloser(key) - reports.CountCloserAccessPoints(key, overlay.Self.Id);

    /// <summary>Takes the closest of each domain, and fills up with the closest of the others where there are too few domains.</summary>
    private List<NodeHandle> Choose(IReadOnlyList<NodeHandle> closest, int replicaCount, IOverlay overlay)
    {
        var chosen = new List<NodeHandle>(replicaCount);
        var spared = new List<NodeHandle>();
        var domains = new HashSet<ulong>();
        foreach (var node in closest)
        {
            if (chosen.Count == replicaCount)
            {
                return chosen;
            }

            if (!reports.IsAccessPoint(node, overlay))
            {
                (node.FailureDomain == 0 || domains.Add(node.FailureDomain) ? chosen : spared).Add(node);
            }
        }

        chosen.AddRange(spared.Take(replicaCount - chosen.Count));
        return chosen;
    }
}
