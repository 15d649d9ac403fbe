using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Passes content on that this node does not keep itself: to the neighbour that keeps it in its stead, and where this node has told the others of the k to fetch it
/// here, also to those that come after that, as long as their client may try.
/// </summary>
internal sealed class RelayDesk(PastOptions options)
{
    /// <summary>How much is passed on at a time for an insert that goes on elsewhere, about 300 bytes each; of more, those who come late get nothing, and refuse.</summary>
    private const int LateMax = 4_096;

    private readonly Dictionary<ulong, FileId> _late = [];
    private readonly HashSet<FileId> _lateIds = [];

    /// <summary>Begins to pass on what comes from a replica's own sources.</summary>
    public static void Begin(StoreJob job, IOverlay overlay)
    {
        if (job.Effect.Content is null)
        {
            overlay.Perform(new RelayReplica(job.Effect));
        }
    }

    /// <summary>Ends it: nobody keeps the replica in this node's stead.</summary>
    public void End(StoreJob job, IOverlay overlay)
    {
        if (job.Effect.Content is null && !_lateIds.Contains(job.FileId))
        {
            overlay.Perform(new EndRelay(job.FileId));
        }
    }

    /// <summary>Goes on with it, from the node that keeps the replica now, where others may be yet to come.</summary>
    public void GoOn(StoreJob job, NodeHandle keeper, IOverlay overlay)
    {
        var isCoordinated = !job.IsRepair && job.From.Id == overlay.Self.Id;
        if (job.Effect.Content is not null || !isCoordinated || _late.Count >= LateMax)
        {
            End(job, overlay);
            return;
        }

        overlay.Perform(new RelayReplica(job.Effect with { Sources = [keeper, .. job.Effect.Sources] }));
        if (_lateIds.Add(job.FileId))
        {
            var operation = overlay.NextRandom() & TimerTokens.OperationMask & ~1UL;
            _late[operation] = job.FileId;
            overlay.SetTimer(TimerTokens.Diversion(operation), overlay.Now + options.InsertTimeMaxOf(job.Certificate.ContentLength));
        }
    }

    /// <summary>Ends what has gone on for as long as an insert may take.</summary>
    /// <returns>False where the timer is not one of these.</returns>
    public bool TryExpire(ulong operation, IOverlay overlay)
    {
        if (!_late.Remove(operation, out var fileId))
        {
            return false;
        }

        _lateIds.Remove(fileId);
        overlay.Perform(new EndRelay(fileId));
        return true;
    }
}
