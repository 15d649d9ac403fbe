using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Is the side of a node that holds replicas: it takes requests to store, works on a bounded number at a time, answers each with a receipt
/// or a refusal, and tells the clients of slow ones that work goes on.
/// </summary>
/// <remarks>
/// What has come with its content is written apart from what is fetched, so that no slow source delays it. Of the places to fetch, a peer may
/// take a quarter and an owner half, and of the places to wait, a peer a quarter with inserts and half with what this node has asked it for.
/// </remarks>
internal sealed class ReplicaDesk(IReplicaCatalog store, PastOptions options)
{
    private const int PeerShares = 4;
    private const int MaintenanceShares = 2;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(2);

    private readonly Dictionary<FileId, Job> _jobs = [];
    private readonly TransferLane _fetches = new(options.TransfersMax, Share(options.TransfersMax, PeerShares), Share(options.TransfersMax, 2));
    private readonly TransferLane _writes = new(options.TransfersMax, options.TransfersMax, options.TransfersMax);
    private bool _reportsProgress;

    public bool IsKeeping(FileId fileId) => _jobs.ContainsKey(fileId);

    /// <summary>Tells how many replicas more a peer may be asked for.</summary>
    /// <param name="peer">Whom to ask.</param>
    /// <param name="wantedOfPeer">How many replicas it has been asked for and has not given.</param>
    /// <param name="wanted">How many all have been asked for.</param>
    /// <param name="overlay">The overlay.</param>
    public int RoomFor(NodeHandle peer, int wantedOfPeer, int wanted, IOverlay overlay)
    {
        // Who is no neighbour leaves half of the room to those who are: neighbours are few, and keys for others are easily made.
        var share = Share(options.TransferQueueMax, MaintenanceShares);
        var max = IsNeighbor(peer, overlay) ? options.TransferQueueMax : share;
        var room = max - wanted - _fetches.WaitingCount - _writes.WaitingCount;
        return Math.Min(room, share - wantedOfPeer - _fetches.WaitingCountOf(peer.Id) - _writes.WaitingCountOf(peer.Id));
    }

    /// <summary>
    /// Tells whether it is no abuse to ask this node for a replica. Deaths are noticed at different times: k nodes that died together may
    /// still be counted here when another node has already found that this one has to take their place.
    /// </summary>
    public static bool MayHold(FileId fileId, int replicaCount, in RingDensity density, IOverlay overlay)
    {
        var key = fileId.RoutingKey;
        var closer = overlay.CountCloser(key);
        if (density.IsWhole)
        {
            return closer < 2 * replicaCount;
        }

        // More replicas than that, a leaf set can't answer for; and of a place that it does not reach, it sees no more than one side.
        return replicaCount <= density.ReplicasMax
            && (overlay.ReplicaSet(key, max: 1).Count > 0 ? closer < 2 * replicaCount : closer < replicaCount && density.MayHold(replicaCount, overlay.Self.Id, key));
    }

    /// <summary>Takes a request to hold a replica.</summary>
    /// <param name="from">
    /// Who asks: another holder, where it is maintenance, and otherwise the coordinator of an insert. A coordinator is one of the k closest as this
    /// node is, so each has the other in its leaf set; from anybody else the request is dropped.
    /// </param>
    /// <param name="request">The request.</param>
    /// <param name="overlay">The overlay.</param>
    public void Store(NodeHandle from, StoreRequest request, IOverlay overlay)
    {
        var (operation, client, certificate) = (request.Operation, request.Client, request.Certificate);
        if (operation != 0 && from.Id != overlay.Self.Id && !IsNeighbor(from, overlay))
        {
            return;
        }

        var job = new Job(request, from, overlay);
        var refusal = Judge(job, isMaintenance: operation == 0, overlay);
        if (refusal != RefusalCode.None)
        {
            Reply(client, operation, certificate.FileId, refusal, receipt: null, overlay);
            return;
        }

        if (_jobs.TryGetValue(certificate.FileId, out var begun))
        {
            if (begun.Effect.Certificate.Hash != certificate.Hash)
            {
                // The other certificate may be forged, and then takes the id from nobody.
                Reply(client, operation, certificate.FileId, RefusalCode.Busy, receipt: null, overlay);
            }
            else
            {
                begun.Await(operation, client);
            }

            return;
        }

        job.Await(operation, client);
        _jobs.Add(certificate.FileId, job);
        if (LaneOf(job).TryStart(job.Transfer))
        {
            overlay.Perform(job.Effect);
        }
        else
        {
            LaneOf(job).Enqueue(job.Transfer);
            StartJobs(overlay);
        }

        ReportProgressLater(overlay);
    }

    /// <summary>Answers those who wait for a replica.</summary>
    /// <returns>The file whose replica maintenance has brought here, or null.</returns>
    public FileCertificate? OnKept(ReplicaKept kept, IOverlay overlay)
    {
        if (!_jobs.Remove(kept.FileId, out var job))
        {
            return null;
        }

        LaneOf(job).End(job.Transfer);
        foreach (var (operation, client) in job.Waiters)
        {
            Reply(client, operation, kept.FileId, kept.Refusal, kept.Receipt, overlay);
        }

        StartJobs(overlay);
        return kept.Refusal == RefusalCode.None && job.Waiters.All(waiter => waiter.Operation == 0) ? job.Effect.Certificate : null;
    }

    public void ExpireProgress(IOverlay overlay)
    {
        _reportsProgress = false;
        foreach (var job in _jobs.Values)
        {
            // After the time that an insert may take in all, its client listens no more.
            if (overlay.Now < job.Since + options.OperationTimeMax + TimeSpan.FromSeconds((double)job.Effect.Certificate.ContentLength / options.TransferRateMin))
            {
                ReportProgress(job, overlay);
            }
        }

        ReportProgressLater(overlay);
    }

    private static int Share(int places, int shares) => Math.Max(1, places / shares);

    private static bool IsNeighbor(NodeHandle node, IOverlay overlay) => FindNeighbor(node.Id, overlay) is not null;

    private static NodeHandle? FindNeighbor(NodeId node, IOverlay overlay)
    {
        var neighbors = overlay.NeighborSet(int.MaxValue);
        for (var i = 0; i < neighbors.Count; i++)
        {
            if (neighbors[i].Id == node)
            {
                return neighbors[i];
            }
        }

        return null;
    }

    private TransferLane LaneOf(Job job) => job.Effect.Content is null ? _fetches : _writes;

    private RefusalCode Judge(Job job, bool isMaintenance, IOverlay overlay)
    {
        var certificate = job.Effect.Certificate;
        if (!MayHold(certificate.FileId, certificate.ReplicaCount, new RingDensity(overlay), overlay))
        {
            return RefusalCode.NotResponsible;
        }

        if (store.Contains(certificate.FileId) || _jobs.ContainsKey(certificate.FileId))
        {
            return RefusalCode.None;
        }

        if (store.IsReclaimed(certificate.FileId))
        {
            return RefusalCode.Reclaimed;
        }

        if (certificate.ContentLength > store.Usage.FreeBytes)
        {
            return RefusalCode.NoRoom;
        }

        var peerWaitingMax = Share(options.TransferQueueMax, isMaintenance ? MaintenanceShares : PeerShares);
        return LaneOf(job).HasRoom(job.Transfer, options.TransferQueueMax, peerWaitingMax) ? RefusalCode.None : RefusalCode.Busy;
    }

    private void StartJobs(IOverlay overlay)
    {
        Start(_writes, overlay);
        Start(_fetches, overlay);
    }

    private static void Start(TransferLane lane, IOverlay overlay)
    {
        while (lane.TryStart(out var transfer))
        {
            overlay.Perform(transfer.Effect);
        }
    }

    private void ReportProgressLater(IOverlay overlay)
    {
        if (!_reportsProgress && _jobs.Count > 0)
        {
            _reportsProgress = true;
            overlay.SetTimer(TimerTokens.StoreProgress, overlay.Now + ProgressInterval);
        }
    }

    private static void ReportProgress(Job job, IOverlay overlay)
    {
        foreach (var (operation, client) in job.Waiters)
        {
            if (operation != 0)
            {
                overlay.Send(client, Payload.FromContent(new StoreProgress(operation)));
            }
        }
    }

    private static void Reply(NodeHandle client, ulong operation, FileId fileId, RefusalCode refusal, StoreReceipt? receipt, IOverlay overlay)
    {
        // Maintenance needs no receipts: the next round sees who holds what.
        if (operation != 0)
        {
            overlay.Send(client, Payload.FromContent(new StoreReply(operation, fileId, refusal, receipt)));
        }
    }

    private sealed class Job
    {
        private const int WaitersMax = 16;

        public Job(StoreRequest request, NodeHandle from, IOverlay overlay)
        {
            Since = overlay.Now;
            Transfer = new Transfer(new KeepReplica(request.Certificate, request.Content, SourcesOf(from, request, overlay), request.Operation == 0), from.Id, request.Client.Id, overlay.Self.Id);
        }

        public Instant Since { get; }

        public Transfer Transfer { get; }

        public KeepReplica Effect => Transfer.Effect;

        public List<(ulong Operation, NodeHandle Client)> Waiters { get; } = [];

        public void Await(ulong operation, NodeHandle client)
        {
            if (Waiters.Count < WaitersMax && !Waiters.Contains((operation, client)))
            {
                Waiters.Add((operation, client));
            }
        }

        /// <summary>
        /// Gives whom to fetch content from: who asks, and has the content or is getting it, and for a coordinator itself the client, who has sent it
        /// the request. Of another client nothing is known but what the coordinator says; it is the second choice where it is a neighbour, at the
        /// address that it has shown to this node.
        /// </summary>
        private static NodeHandle[] SourcesOf(NodeHandle from, StoreRequest request, IOverlay overlay) =>
            from.Id == overlay.Self.Id ? [request.Client]
            : request.Operation == 0 || from.Id == request.Client.Id ? [from]
            : FindNeighbor(request.Client.Id, overlay) is { } client ? [from, client]
            : [from];
    }
}
