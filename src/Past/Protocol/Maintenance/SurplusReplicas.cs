using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>Keeps, of replicas that this node should not hold any more, who of those that should has yet to say that it does.</summary>
internal sealed class SurplusReplicas
{
    private const int CountMax = 16_384;

    private readonly Dictionary<FileId, (int ReplicaCount, HashSet<NodeId> Missing)> _replicas = [];

    /// <summary>Begins to wait for those that should hold a file; beyond the bound, a later round does.</summary>
    public void Add(in StoredReplica replica, IReadOnlyList<NodeHandle> holders)
    {
        if (_replicas.Count < CountMax || _replicas.ContainsKey(replica.FileId))
        {
            _replicas[replica.FileId] = (replica.ReplicaCount, [.. holders.Select(holder => holder.Id)]);
        }
    }

    /// <summary>Notes that a node holds a file.</summary>
    /// <returns>True where now all do; nobody is waited for any more.</returns>
    public bool TryConfirm(NodeId holder, FileId file, out int replicaCount)
    {
        var isKnown = _replicas.TryGetValue(file, out var surplus);
        replicaCount = surplus.ReplicaCount;
        return isKnown && surplus.Missing.Remove(holder) && surplus.Missing.Count == 0 && _replicas.Remove(file);
    }

    public void Clear() => _replicas.Clear();
}
