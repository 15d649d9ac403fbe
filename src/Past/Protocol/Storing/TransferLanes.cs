using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Lets the replicas that come to a node wait for their turn. What has come with its content is written apart from what is fetched, so that no slow source
/// delays it.
/// </summary>
/// <remarks>
/// Of the places to fetch, a peer may take a quarter and an owner half, and of the places to wait, a peer a quarter with inserts and half with what this
/// node has asked it for.
/// </remarks>
internal sealed class TransferLanes(PastOptions options)
{
    private const int PeerShares = 4;
    private const int MaintenanceShares = 2;

    private readonly TransferLane _fetches = new(options.TransfersMax, Share(options.TransfersMax, PeerShares), Share(options.TransfersMax, 2));
    private readonly TransferLane _writes = new(options.TransfersMax, options.TransfersMax, options.TransfersMax);

    public int WaitingCount => _fetches.WaitingCount + _writes.WaitingCount;

    /// <summary>How many bytes of content are on their way to the store, or wait to be.</summary>
    public long ArrivingBytes { get; private set; }

    /// <summary>Tells how many replicas more a peer may be asked for.</summary>
    /// <param name="peer">Whom to ask.</param>
    /// <param name="wantedOfPeer">How many replicas it has been asked for and has not given.</param>
    /// <param name="wanted">How many all have been asked for.</param>
    /// <param name="overlay">The overlay.</param>
    public int RoomFor(NodeHandle peer, int wantedOfPeer, int wanted, IOverlay overlay)
    {
        // Who is no neighbour leaves half of the room to those who are: neighbours are few, and keys for others are easily made.
        var share = Share(options.TransferQueueMax, MaintenanceShares);
        var max = Neighbors.Contains(peer, overlay) ? options.TransferQueueMax : share;
        var room = max - wanted - WaitingCount;
        return Math.Min(room, share - wantedOfPeer - _fetches.WaitingCountOf(peer.Id) - _writes.WaitingCountOf(peer.Id));
    }

    /// <summary>Tells whether one more may wait.</summary>
    public bool HasRoom(StoreJob job)
    {
        var isAskedFor = job is { IsRepair: true, IsForAnother: false };
        return LaneOf(job).HasRoom(job.Transfer, options.TransferQueueMax, Share(options.TransferQueueMax, isAskedFor ? MaintenanceShares : PeerShares));
    }

    /// <summary>Lets a replica come at once, where it may, and otherwise wait for its turn.</summary>
    public void Enqueue(StoreJob job, IOverlay overlay)
    {
        job.IsQueued = true;
        ArrivingBytes += job.Certificate.ContentLength;
        if (LaneOf(job).TryStart(job.Transfer))
        {
            overlay.Perform(job.Effect);
        }
        else
        {
            LaneOf(job).Enqueue(job.Transfer);
            StartNext(overlay);
        }
    }

    /// <summary>Takes back a replica that waits.</summary>
    /// <returns>False where it does not wait any more.</returns>
    public bool TryWithdraw(StoreJob job)
    {
        if (!LaneOf(job).TryWithdraw(job.Transfer))
        {
            return false;
        }

        Leave(job);
        return true;
    }

    /// <summary>Notes that a replica has come, or does not come any more.</summary>
    public void End(StoreJob job)
    {
        if (job.IsQueued)
        {
            LaneOf(job).End(job.Transfer);
            Leave(job);
        }
    }

    /// <summary>Lets those come whose turn it is.</summary>
    public void StartNext(IOverlay overlay)
    {
        StartNext(_writes, overlay);
        StartNext(_fetches, overlay);
    }

    private static int Share(int places, int shares) => Math.Max(1, places / shares);

    private static void StartNext(TransferLane lane, IOverlay overlay)
    {
        while (lane.TryStart(out var transfer))
        {
            overlay.Perform(transfer.Effect);
        }
    }

    private TransferLane LaneOf(StoreJob job) => job.Effect.Content is null ? _fetches : _writes;

    private void Leave(StoreJob job)
    {
        job.IsQueued = false;
        ArrivingBytes -= job.Certificate.ContentLength;
    }
}
