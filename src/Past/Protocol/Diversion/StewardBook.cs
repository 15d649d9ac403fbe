using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Knows in whose stead this node holds replicas (PAST §3.3): each counts for one of the nodes that should hold the file, its steward. Pointers live in
/// memory on either side: where this node has forgotten a steward, or that one is gone, another one that may be it becomes it by asking.
/// </summary>
internal sealed class StewardBook(IReplicaCatalog store, ReplicaSets sets)
{
    private readonly Dictionary<FileId, Entry> _stewards = [];

    /// <summary>Tells in whose stead a replica is held here, as far as is known.</summary>
    public NodeHandle? Of(FileId fileId) => _stewards.GetValueOrDefault(fileId).Steward;

    /// <summary>Tells whether it was its steward who brought a replica here. For one who has only asked for it nobody vouches.</summary>
    public bool IsBroughtBySteward(FileId fileId) => _stewards.GetValueOrDefault(fileId).HasBrought;

    /// <summary>A node brings a replica to be held in its stead.</summary>
    public void Set(FileId fileId, NodeHandle steward) => _stewards[fileId] = new Entry(steward, HasBrought: true);

    public void Remove(FileId fileId) => _stewards.Remove(fileId);

    /// <summary>
    /// Tells a node that knows a file whether the replica here counts: as that of one of those that should hold the file, or in the stead of that node. Where this node
    /// retires, none does.
    /// </summary>
    public bool CountsFor(NodeHandle node, FileId fileId, IOverlay overlay) =>
        sets.HoldsReplicas(overlay.Self, overlay)
        && ((store.TryFind(fileId, out var replica) && IsHolder(replica, overlay)) || StandsInFor(node, fileId, overlay));

    /// <summary>Tells whether a replica is held in the stead of a node, where need be from now on.</summary>
    public bool StandsInFor(NodeHandle node, FileId fileId, IOverlay overlay)
    {
        var steward = Of(fileId);
        if (steward?.Id == node.Id)
        {
            return true;
        }

        var isVacant = store.TryFind(fileId, out var replica) && !IsHolder(replica, overlay) && (steward is null || !MayBeSteward(steward, replica, overlay));
        if (!isVacant || !MayBeSteward(node, replica, overlay))
        {
            return false;
        }

        _stewards[fileId] = new Entry(node, HasBrought: false);
        return true;
    }

    /// <summary>Tells whether a node is one of those that should hold a file; where the leaf set does not show them, whether it lies where they may.</summary>
    private bool MayBeSteward(NodeHandle node, in StoredReplica replica, IOverlay overlay)
    {
        var key = replica.FileId.RoutingKey;
        var holders = sets.Of(key, replica.ReplicaCount, overlay);
        return holders.Count == replica.ReplicaCount
            ? holders.Any(holder => holder.Id == node.Id)
            : new RingDensity(overlay).MayHold(replica.ReplicaCount, node.Id, key);
    }

    /// <summary>Tells whether this node should hold a file that it has. How many should, its own certificate says, and not who asks.</summary>
    private bool IsHolder(in StoredReplica replica, IOverlay overlay) => sets.IncludeSelf(replica.FileId.RoutingKey, replica.ReplicaCount, overlay);

    private readonly record struct Entry(NodeHandle Steward, bool HasBrought);
}
