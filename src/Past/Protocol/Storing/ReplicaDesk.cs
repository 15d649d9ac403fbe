using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Is the side of a node that holds replicas: it takes requests to store, works on a bounded number at a time, answers each with a receipt
/// or a refusal, and tells the clients of slow ones that work goes on. What it has no room for it diverts.
/// </summary>
/// <remarks>
/// What has come with its content is written apart from what is fetched, so that no slow source delays it. Of the places to fetch, a peer may
/// take a quarter and an owner half, and of the places to wait, a peer a quarter with inserts and half with what this node has asked it for.
/// </remarks>
internal sealed class ReplicaDesk(
    IReplicaCatalog store, ReplicaSets sets, ReplicaPointers pointers, StewardBook stewards, DiversionDesk diversions, RoomScout scout, PastOptions options)
{
    private const int PeerShares = 4;
    private const int MaintenanceShares = 2;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(2);

    private readonly Dictionary<FileId, StoreJob> _jobs = [];
    private readonly TransferLane _fetches = new(options.TransfersMax, Share(options.TransfersMax, PeerShares), Share(options.TransfersMax, 2));
    private readonly TransferLane _writes = new(options.TransfersMax, options.TransfersMax, options.TransfersMax);
    private long _arrivingBytes;
    private bool _reportsProgress;

    /// <summary>Tells whether replicas wait for their turn.</summary>
    public bool IsBusy => _fetches.WaitingCount + _writes.WaitingCount > 0;

    /// <summary>The largest k of the replicas that have come since the node started.</summary>
    public int ReplicasMax { get; private set; } = 1;

    public bool IsKeeping(FileId fileId) => _jobs.ContainsKey(fileId);

    /// <summary>Gives the certificate of a file that is being stored.</summary>
    public FileCertificate? CertificateOf(FileId fileId) => _jobs.TryGetValue(fileId, out var job) ? job.Effect.Certificate : null;

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
        var room = max - wanted - _fetches.WaitingCount - _writes.WaitingCount;
        return Math.Min(room, share - wantedOfPeer - _fetches.WaitingCountOf(peer.Id) - _writes.WaitingCountOf(peer.Id));
    }

    /// <summary>Tells whether this node would take a replica of which it is one of the holders.</summary>
    public bool Accepts(long contentLength) => Accepts(contentLength, options.PrimaryPolicy);

    /// <summary>
    /// Tells whether it is no abuse to ask this node for a replica. Deaths are noticed at different times: k nodes that died together may
    /// still be counted here when another node has already found that this one has to take their place.
    /// </summary>
    public bool MayHold(FileId fileId, int replicaCount, in RingDensity density, IOverlay overlay)
    {
        var key = fileId.RoutingKey;
        var closer = sets.CountBefore(key, overlay);
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
        // Of maintenance, whoever gives the file is answered, whatever it says of a client.
        var (operation, client, certificate) = (request.Operation, request.Operation == 0 ? from : request.Client, request.Certificate);
        if (operation != 0 && from.Id != overlay.Self.Id && !Neighbors.Contains(from, overlay))
        {
            return;
        }

        if (!MayHold(certificate.FileId, certificate.ReplicaCount, new RingDensity(overlay), overlay))
        {
            StoreJob.Reply(client, operation, certificate.FileId, RefusalCode.NotResponsible, receipt: null, overlay);
            return;
        }

        var job = StoreJob.For(request, from, overlay);
        if (!TryJoin(job, operation, client, overlay))
        {
            job.Await(operation, client);
            Begin(job, overlay);
        }
    }

    /// <summary>Takes a request to hold a replica in a neighbour's stead.</summary>
    public void Store(NodeHandle from, DivertRequest request, IOverlay overlay)
    {
        var certificate = request.Certificate;
        var mayAsk = Neighbors.Contains(from, overlay)
            ? new RingDensity(overlay).MayHold(certificate.ReplicaCount, from.Id, certificate.FileId.RoutingKey)
            : stewards.Of(certificate.FileId)?.Id == from.Id || scout.TryTakeOffer(from, certificate.FileId, overlay);
        if (!mayAsk)
        {
            return;
        }

        // One replica is not to count for two of those that should hold the file.
        var isHeld = store.Contains(certificate.FileId) || _jobs.ContainsKey(certificate.FileId) || pointers.Contains(certificate.FileId);
        if (isHeld && !stewards.StandsInFor(from, certificate.FileId, overlay))
        {
            StoreJob.Reply(from, request.Operation, certificate.FileId, RefusalCode.AlreadyHeld, receipt: null, overlay);
            return;
        }

        var job = StoreJob.For(request, from, overlay);
        if (TryJoin(job, request.Operation, from, overlay))
        {
            return;
        }

        job.Await(request.Operation, from);
        var refusal = Judge(job, options.DivertedPolicy);
        if (refusal == RefusalCode.None)
        {
            stewards.Set(job.FileId, from);
            Enqueue(job, overlay);
        }
        else
        {
            job.Reply(refusal, receipt: null, overlay);
        }
    }

    /// <summary>Answers those who wait for a replica.</summary>
    /// <returns>The file whose replica maintenance has brought here, or null.</returns>
    public FileCertificate? OnKept(ReplicaKept kept, IOverlay overlay)
    {
        if (!_jobs.Remove(kept.FileId, out var job))
        {
            return null;
        }

        ReplicasMax = Math.Max(ReplicasMax, job.Certificate.ReplicaCount);
        if (job.IsQueued)
        {
            LaneOf(job).End(job.Transfer);
            _arrivingBytes -= job.Certificate.ContentLength;
        }

        job.Reply(kept.Refusal, kept.Receipt, overlay);
        StartJobs(overlay);
        if (!store.Contains(kept.FileId))
        {
            stewards.Remove(kept.FileId);
            return null;
        }

        pointers.Remove(kept.FileId);
        return kept.Refusal == RefusalCode.None && job.IsMaintenance ? job.Certificate : null;
    }

    /// <summary>Answers those who wait for a replica that was to be diverted.</summary>
    public void OnDiverted(DiversionEnd end, IOverlay overlay)
    {
        var (job, refusal, isSearch) = end;
        if (refusal == RefusalCode.NoRoom && !isSearch)
        {
            _jobs.Remove(job.FileId);
            TakeOrSearch(job, overlay);
        }
        else if (refusal != RefusalCode.None)
        {
            _jobs.Remove(job.FileId);
            job.Reply(refusal, receipt: null, overlay);
        }
        else if (job.IsMaintenance)
        {
            _jobs.Remove(job.FileId);
        }
        else
        {
            overlay.Perform(new AnswerForReplica(job.Certificate));
        }
    }

    public void ExpireProgress(IOverlay overlay)
    {
        _reportsProgress = false;
        foreach (var job in _jobs.Values)
        {
            // After the time that an insert may take in all, its client listens no more.
            if (overlay.Now < job.Since + options.OperationTimeMax + TimeSpan.FromSeconds((double)job.Certificate.ContentLength / options.TransferRateMin))
            {
                job.ReportProgress(overlay);
            }
        }

        ReportProgressLater(overlay);
    }

    private static int Share(int places, int shares) => Math.Max(1, places / shares);

    /// <summary>The room that is neither taken nor promised to replicas that are on their way.</summary>
    private long FreeBytes => store.Usage.FreeBytes - _arrivingBytes;

    private TransferLane LaneOf(StoreJob job) => job.Effect.Content is null ? _fetches : _writes;

    /// <summary>Lets a client wait for what is under way with the same file.</summary>
    private bool TryJoin(StoreJob job, ulong operation, NodeHandle client, IOverlay overlay)
    {
        if (!_jobs.TryGetValue(job.FileId, out var begun))
        {
            return false;
        }

        if (begun.Certificate.Hash == job.Certificate.Hash)
        {
            begun.Await(operation, client);
        }
        else
        {
            // The other certificate may be forged, and then takes the id from nobody.
            StoreJob.Reply(client, operation, job.FileId, RefusalCode.Busy, receipt: null, overlay);
        }

        return true;
    }

    /// <summary>Begins to store a replica, finds who holds it in this node's stead, or refuses it.</summary>
    private void Begin(StoreJob job, IOverlay overlay)
    {
        var refusal = Judge(job, options.PrimaryPolicy);
        var isPointedTo = pointers.TryGet(job.FileId, out var pointer);
        if (isPointedTo && !pointer!.IsTold && !job.IsMaintenance)
        {
            Confirm(job, pointer!, overlay);
        }
        else if (refusal == RefusalCode.None)
        {
            Enqueue(job, overlay);
        }
        else if (refusal != RefusalCode.NoRoom)
        {
            job.Reply(refusal, receipt: null, overlay);
        }
        else if (diversions.TryBegin(job, pointer?.Holder ?? StandInOf(job, overlay), overlay))
        {
            Register(job, overlay);
        }
        else
        {
            TakeOrSearch(job, overlay);
        }
    }

    /// <summary>Takes a replica for which no neighbour has room; where it does not fit and must be made, looks beyond the neighbours.</summary>
    private void TakeOrSearch(StoreJob job, IOverlay overlay)
    {
        if (MayTakeAll(job, overlay))
        {
            Enqueue(job, overlay);
        }
        else if (job.IsMaintenance && diversions.TrySearch(job, overlay))
        {
            Register(job, overlay);
        }
        else
        {
            job.Reply(RefusalCode.NoRoom, receipt: null, overlay);
        }
    }

    /// <summary>Answers for a replica that another node holds, where it is that of the same certificate.</summary>
    private void Confirm(StoreJob job, ReplicaPointer pointer, IOverlay overlay)
    {
        if (pointer.CertificateHash == job.Certificate.Hash)
        {
            Register(job, overlay);
            overlay.Perform(new AnswerForReplica(job.Certificate));
        }
        else if (pointer.CertificateHash is not null)
        {
            job.Reply(RefusalCode.FileIdExists, receipt: null, overlay);
        }
        else if (diversions.TryBegin(job, pointer.Holder, overlay))
        {
            // The holder compares the certificates.
            Register(job, overlay);
        }
        else
        {
            job.Reply(RefusalCode.Busy, receipt: null, overlay);
        }
    }

    private void Enqueue(StoreJob job, IOverlay overlay)
    {
        job.IsQueued = true;
        _arrivingBytes += job.Certificate.ContentLength;
        Register(job, overlay);
        if (LaneOf(job).TryStart(job.Transfer))
        {
            overlay.Perform(job.Effect);
        }
        else
        {
            LaneOf(job).Enqueue(job.Transfer);
            StartJobs(overlay);
        }
    }

    private void Register(StoreJob job, IOverlay overlay)
    {
        _jobs.Add(job.FileId, job);
        ReportProgressLater(overlay);
    }

    /// <summary>
    /// Gives the neighbour that has brought a file which it should not hold itself: another life of this node, or the one whose place this is now, may have
    /// diverted it there. Where it holds the file for yet another, it says so.
    /// </summary>
    private NodeHandle? StandInOf(StoreJob job, IOverlay overlay)
    {
        var certificate = job.Certificate;
        var isStandIn = job.IsMaintenance && Neighbors.Contains(job.From, overlay)
            && !sets.Of(certificate.FileId.RoutingKey, certificate.ReplicaCount, overlay).Contains(job.From);
        return isStandIn ? job.From : null;
    }

    /// <summary>
    /// Tells whether to take a replica that would take a large share of the room, since nobody else can: for a repair, or where all nodes are holders.
    /// </summary>
    private bool MayTakeAll(StoreJob job, IOverlay overlay) =>
        job.Certificate.ContentLength <= FreeBytes
        && (job.IsMaintenance || (options.PrimaryThreshold > 0 && overlay.NeighborSet(int.MaxValue).Count < job.Certificate.ReplicaCount));

    private RefusalCode Judge(StoreJob job, AcceptancePolicy policy)
    {
        if (store.Contains(job.FileId))
        {
            return RefusalCode.None;
        }

        if (store.IsReclaimed(job.FileId))
        {
            return RefusalCode.Reclaimed;
        }

        var peerWaitingMax = Share(options.TransferQueueMax, job.IsMaintenance ? MaintenanceShares : PeerShares);
        return !LaneOf(job).HasRoom(job.Transfer, options.TransferQueueMax, peerWaitingMax) ? RefusalCode.Busy
            : Accepts(job.Certificate.ContentLength, policy) ? RefusalCode.None
            : RefusalCode.NoRoom;
    }

    private bool Accepts(long contentLength, AcceptancePolicy policy) => policy.Accepts(contentLength, FreeBytes, store.Usage.CapacityBytes);

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
}
