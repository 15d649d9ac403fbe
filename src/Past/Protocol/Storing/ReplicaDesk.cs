using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Is the side of a node that holds replicas: it takes requests to store, works on a bounded number at a time, answers each with a receipt
/// or a refusal, and tells the clients of slow ones that work goes on. What it has no room for it diverts.
/// </summary>
internal sealed class ReplicaDesk(
    IReplicaCatalog store, ReplicaSets sets, ReplicaPointers pointers, StewardBook stewards, DiversionDesk diversions, RoomScout scout, PastOptions options)
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(2);

    private readonly Dictionary<FileId, StoreJob> _jobs = [];
    private readonly TransferLanes _lanes = new(options);
    private bool _reportsProgress;

    /// <summary>Tells whether replicas wait for their turn.</summary>
    public bool IsBusy => _lanes.WaitingCount > 0;

    /// <summary>Tells whether no replica is on its way to this node, or by it to another.</summary>
    public bool IsIdle => _jobs.Count == 0;

    /// <summary>The largest k of the replicas that have come since the node started.</summary>
    public int ReplicasMax { get; private set; } = 1;

    public bool IsKeeping(FileId fileId) => _jobs.ContainsKey(fileId);

    /// <summary>Tells whether a replica is better fetched from who offers it than from where it is, if at all.</summary>
    public bool LacksSource(FileId fileId, NodeHandle giver, IOverlay overlay) =>
        !_jobs.TryGetValue(fileId, out var job) || job.YieldsTo(StoreJob.StandingOf(giver, overlay));

    /// <summary>Gives the certificate of a file that is being stored.</summary>
    public FileCertificate? CertificateOf(FileId fileId) => _jobs.TryGetValue(fileId, out var job) ? job.Effect.Certificate : null;

    /// <inheritdoc cref="TransferLanes.RoomFor"/>
    public int RoomFor(NodeHandle peer, int wantedOfPeer, int wanted, IOverlay overlay) =>
        store.Usage.CapacityBytes == 0 ? 0 : _lanes.RoomFor(peer, wantedOfPeer, wanted, overlay);

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

        Take(StoreJob.For(request, from, overlay), operation, client, overlay);
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

        Take(StoreJob.For(request, from, overlay), request.Operation, from, overlay);
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
        _lanes.End(job);
        job.Reply(kept.Refusal, kept.Receipt, overlay);
        var isStored = store.Contains(kept.FileId);
        if (isStored)
        {
            pointers.Remove(kept.FileId);
        }
        else
        {
            stewards.Remove(kept.FileId);
        }

        if (job.Successor is { } successor)
        {
            Begin(successor, overlay);
        }

        _lanes.StartNext(overlay);
        return isStored && kept.Refusal == RefusalCode.None && job is { IsRepair: true, IsForAnother: false } ? job.Certificate : null;
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
        else
        {
            job.ReplyToMaintenance(pointers.TryGet(job.FileId, out var pointer) ? pointer.Holder : null, overlay);
            if (job.Waiters.Count > 0)
            {
                overlay.Perform(new AnswerForReplica(job.Certificate));
            }
            else
            {
                _jobs.Remove(job.FileId);
            }
        }
    }

    public void ExpireProgress(IOverlay overlay)
    {
        _reportsProgress = false;
        foreach (var job in _jobs.Values)
        {
            // After the time that an insert may take in all, its client listens no more.
            if (overlay.Now < job.Since + options.InsertTimeMaxOf(job.Certificate.ContentLength))
            {
                job.ReportProgress(overlay);
            }
        }

        ReportProgressLater(overlay);
    }

    /// <summary>The room that is neither taken nor promised to replicas that are on their way.</summary>
    private long FreeBytes => store.Usage.FreeBytes - _lanes.ArrivingBytes;

    /// <summary>Lets a client wait for what is under way with the same file, or begins to store it.</summary>
    private void Take(StoreJob job, ulong operation, NodeHandle client, IOverlay overlay)
    {
        if (!_jobs.TryGetValue(job.FileId, out var begun))
        {
            job.Await(operation, client);
            Begin(job, overlay);
        }
        else if (begun.YieldsTo(job.Standing))
        {
            job.Await(operation, client);
            Replace(begun, job, overlay);
        }
        else if ((begun.Successor ?? begun) is var next && next.Certificate.Hash == job.Certificate.Hash)
        {
            next.Await(operation, client);
        }
        else
        {
            // The other certificate may be forged, and then takes the id from nobody.
            StoreJob.Reply(client, operation, job.FileId, RefusalCode.Busy, receipt: null, overlay);
        }
    }

    /// <summary>Fetches a replica from a better source: at once where nothing has begun, and otherwise when that has ended.</summary>
    private void Replace(StoreJob begun, StoreJob job, IOverlay overlay)
    {
        job.TakeWaiters(begun, overlay);
        if (begun.IsQueued ? _lanes.TryWithdraw(begun) : diversions.TryCancel(begun, overlay))
        {
            _jobs.Remove(begun.FileId);
            Begin(job, overlay);
        }
        else
        {
            begun.Successor = job;
            overlay.Perform(new EndFetch(begun.FileId));
        }
    }

    /// <summary>Begins to store a replica, finds who holds it in this node's stead, or refuses it.</summary>
    private void Begin(StoreJob job, IOverlay overlay)
    {
        if (job.IsForAnother)
        {
            BeginForAnother(job, overlay);
            return;
        }

        var refusal = Judge(job, options.PrimaryPolicy);
        var isPointedTo = pointers.TryGet(job.FileId, out var pointer);
        if (isPointedTo && !pointer!.IsTold && !job.IsRepair)
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

    private void BeginForAnother(StoreJob job, IOverlay overlay)
    {
        // Whoever retires goes on with nothing that it holds for another.
        var refusal = store.Usage.CapacityBytes == 0 ? RefusalCode.NoRoom : Judge(job, options.DivertedPolicy);
        if (refusal == RefusalCode.None)
        {
            stewards.Set(job.FileId, job.From);
            Enqueue(job, overlay);
        }
        else
        {
            job.Reply(refusal, receipt: null, overlay);
        }
    }

    /// <summary>Takes a replica for which no neighbour has room; where it does not fit and must be made, looks beyond the neighbours.</summary>
    private void TakeOrSearch(StoreJob job, IOverlay overlay)
    {
        if (MayTakeAll(job, overlay))
        {
            Enqueue(job, overlay);
        }
        else if (job.IsRepair && diversions.TrySearch(job, overlay))
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
            diversions.PassOn(job, pointer.Holder, overlay);
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
        Register(job, overlay);
        _lanes.Enqueue(job, overlay);
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
        var isStandIn = job.IsRepair && Neighbors.Contains(job.From, overlay)
            && !sets.Of(certificate.FileId.RoutingKey, certificate.ReplicaCount, overlay).Contains(job.From);
        return isStandIn ? job.From : null;
    }

    /// <summary>
    /// Tells whether to take a replica that would take a large share of the room, since nobody else can: for a repair, or where all nodes are holders.
    /// </summary>
    private bool MayTakeAll(StoreJob job, IOverlay overlay) =>
        store.Usage.CapacityBytes > 0
        && job.Certificate.ContentLength <= FreeBytes
        && (job.IsRepair || (options.PrimaryThreshold > 0 && overlay.NeighborSet(int.MaxValue).Count < job.Certificate.ReplicaCount));

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

        return !_lanes.HasRoom(job) ? RefusalCode.Busy
            : Accepts(job.Certificate.ContentLength, policy) ? RefusalCode.None
            : RefusalCode.NoRoom;
    }

    private bool Accepts(long contentLength, AcceptancePolicy policy) => policy.Accepts(contentLength, FreeBytes, store.Usage.CapacityBytes);

    private void ReportProgressLater(IOverlay overlay)
    {
        if (!_reportsProgress && _jobs.Count > 0)
        {
            _reportsProgress = true;
            overlay.SetTimer(TimerTokens.StoreProgress, overlay.Now + ProgressInterval);
        }
    }
}
