using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Keeps pointers true (PAST §3.3): the holder of a diverted replica is asked now and then whether it still has it, the (k + 1)-th closest node knows the
/// pointer in case this one fails, and where the holder is gone, the file needs a replica anew.
/// </summary>
internal sealed class PointerKeeper(IReplicaCatalog store, ReplicaSets sets, ReplicaPointers pointers)
{
    /// <summary>After this long without an answer, the holder is taken not to have the replica any more.</summary>
    private static readonly TimeSpan AnswerTimeMax = TimeSpan.FromSeconds(30);

    /// <summary>What is to be done about a pointer.</summary>
    public enum Action
    {
        None,

        /// <summary>Ask the holder whether it still holds the replica.</summary>
        Ask,

        /// <summary>Find the file another replica.</summary>
        Replace,
    }

    /// <summary>Takes a pointer of a node whose place this one would take.</summary>
    public void OnNotice(NodeHandle from, DiversionNotice notice, IOverlay overlay)
    {
        var neighbors = overlay.NeighborSet(int.MaxValue);
        if (!store.Contains(notice.FileId) && !pointers.Contains(notice.FileId)
            && sets.CountBefore(notice.FileId.RoutingKey, overlay) <= notice.ReplicaCount
            && neighbors.Contains(from) && neighbors.Contains(notice.Holder))
        {
            pointers.Set(notice.FileId, new ReplicaPointer(notice.Holder, notice.ReplicaCount, notice.ContentLength, certificateHash: null, from.Id));
        }
    }

    /// <summary>Goes over one pointer.</summary>
    public Action Consider(FileId fileId, IOverlay overlay)
    {
        if (!pointers.TryGet(fileId, out var pointer))
        {
            return Action.None;
        }

        if (store.Contains(fileId) || store.IsReclaimed(fileId))
        {
            pointers.Remove(fileId);
            return Action.None;
        }

        var closest = sets.Of(fileId.RoutingKey, pointer.ReplicaCount + 1, overlay);
        var rank = RankOf(overlay.Self, closest);
        if (rank < 0 && closest.Count > pointer.ReplicaCount)
        {
            // Others hold the file now, and know of its diverted replica from its holder.
            pointers.Remove(fileId);
            return Action.None;
        }

        if (rank == pointer.ReplicaCount)
        {
            return Action.None;
        }

        if (!IsStandIn(pointer, fileId, overlay) || (pointer.AskedSince is { } asked && asked + AnswerTimeMax <= overlay.Now))
        {
            pointers.Remove(fileId);
            return Action.Replace;
        }

        pointer.AskedSince ??= overlay.Now;
        TellHeir(fileId, pointer, closest, overlay);
        return Action.Ask;
    }

    /// <summary>
    /// Tells whether the holder is none of those that should hold the file themselves, since one replica is not to count for two of them; and not about to retire.
    /// </summary>
    public bool IsStandIn(ReplicaPointer pointer, FileId fileId, IOverlay overlay) =>
        sets.HoldsReplicas(pointer.Holder, overlay) && !sets.Of(fileId.RoutingKey, pointer.ReplicaCount, overlay).Contains(pointer.Holder);

    /// <summary>Tells the node that would take this one's place of a new pointer.</summary>
    public void OnDiverted(FileId fileId, IOverlay overlay)
    {
        if (pointers.TryGet(fileId, out var pointer))
        {
            TellHeir(fileId, pointer, sets.Of(fileId.RoutingKey, pointer.ReplicaCount + 1, overlay), overlay);
        }
    }

    /// <summary>Takes it that a node holds a file.</summary>
    public void OnHeld(NodeHandle holder, FileId fileId)
    {
        if (pointers.TryGet(fileId, out var pointer) && pointer.Holder.Id == holder.Id)
        {
            pointer.AskedSince = null;
        }
    }

    /// <summary>Forgets pointers to a node that is gone.</summary>
    /// <returns>The files that this node answers for, and that need another replica.</returns>
    public IReadOnlyList<FileId> OnGone(NodeHandle holder, IOverlay overlay)
    {
        var lost = new List<FileId>();
        foreach (var (file, pointer) in pointers.RemoveTo(holder.Id))
        {
            if (sets.CountBefore(file.RoutingKey, overlay) < pointer.ReplicaCount)
            {
                lost.Add(file);
            }
        }

        return lost;
    }

    private static int RankOf(NodeHandle node, IReadOnlyList<NodeHandle> nodes)
    {
        for (var rank = 0; rank < nodes.Count; rank++)
        {
            if (nodes[rank].Id == node.Id)
            {
                return rank;
            }
        }

        return -1;
    }

    private static void TellHeir(FileId fileId, ReplicaPointer pointer, IReadOnlyList<NodeHandle> closest, IOverlay overlay)
    {
        if (closest.Count > pointer.ReplicaCount && closest[pointer.ReplicaCount] is var heir && heir.Id != pointer.ToldHeir && heir.Id != overlay.Self.Id)
        {
            pointer.ToldHeir = heir.Id;
            overlay.Send(heir, Payload.FromContent(new DiversionNotice(fileId, pointer.ReplicaCount, pointer.ContentLength, pointer.Holder)));
        }
    }
}
