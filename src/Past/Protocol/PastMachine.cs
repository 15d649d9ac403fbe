using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Is PAST on one node as a state machine, a child of the overlay's (PAST, SOSP 2001). The switch over messages and inputs stands here; the
/// work is done by <see cref="ClientDesk"/> at the client, by <see cref="InsertDesk"/> at the coordinator, by <see cref="ReplicaDesk"/>,
/// <see cref="DiversionDesk"/> and <see cref="ReplicaMaintenance"/> at the holder.
/// </summary>
internal sealed partial class PastMachine : PastryApplication
{
    /// <summary>How many nodes next to an id are named: those that should hold the file, and those that did before a change.</summary>
    private const int CandidatesMax = LookupAbsent.CandidatesMax;

    private readonly RetirableCatalog _store;
    private readonly StorageReports _reports;
    private readonly ReplicaSets _sets;
    private readonly ReplicaPointers _pointers;
    private readonly PointerKeeper _pointerKeeper;
    private readonly StewardBook _stewards;
    private readonly RoomScout _scout;
    private readonly DiversionDesk _diversions;
    private readonly ReplicaDesk _desk;
    private readonly ReplicaMaintenance _maintenance;
    private readonly ClientDesk _clients;
    private readonly InsertDesk _coordination;
    private readonly CacheDesk? _cache;

    public PastMachine(PastOptions options, IReplicaCatalog store, CacheOptions? cache = null)
        : base(PastryApplicationId.FromName("p2p/past"))
    {
        options.Validate();
        _store = new RetirableCatalog(store);
        _reports = new StorageReports(_store);
        _sets = new ReplicaSets(_reports);
        _pointers = new ReplicaPointers(options.PointersMax);
        _pointerKeeper = new PointerKeeper(_store, _sets, _pointers);
        _stewards = new StewardBook(_store, _sets);
        _scout = new RoomScout(_store, _reports, options);
        _diversions = new DiversionDesk(_store, _reports, _sets, _pointers, options);
        _desk = new ReplicaDesk(_store, _sets, _pointers, _stewards, _diversions, _scout, options);
        _coordination = new InsertDesk(_sets);
        _maintenance = new ReplicaMaintenance(_store, _desk, _sets, _pointers, _pointerKeeper, _stewards, options);
        _cache = cache is null ? null : new CacheDesk(cache, options, _store, _desk);
        _clients = new ClientDesk(options, _cache);
    }

    /// <summary>How far searches for files came to this node.</summary>
    public SearchCounters Searches { get; } = new();

    /// <summary>What the node's cache counts; null where there is none.</summary>
    public CacheCounters? CacheCounters => _cache?.Counters;

    protected override bool Forward(ref ForwardedMessage message, IOverlay overlay)
    {
        if (!PastFormat.TryReadHead(message.Payload, out var head))
        {
            return true;
        }

        // The first of the k closest that an insert reaches takes it; the first holder that a lookup reaches answers it.
        var isHeld = head.Kind != PastMessageKind.InsertSearch && (_store.Contains(head.FileId) || (!head.Thorough && _cache?.Contains(head.FileId, overlay) == true));
        var isFound = isHeld || (head.Kind == PastMessageKind.InsertSearch ? IsResponsible(head.FileId, head.ReplicaCount, overlay) : KnowsHolders(head, overlay));
        if (isFound && PastFormat.Read(message.Payload) is SearchMessage { Operation: not 0 } search)
        {
            Searches.Count(head, isHeld ? message.Hops : message.Hops + 1);
            _cache?.Answered(message, head.FileId, overlay);
            var from = message.PreviousHop ?? overlay.Self;
            if (search is LookupSearch { TakesAnswer: true } && search.Client.Id == from.Id)
            {
                // The transport has proven who asks, as it does of a request.
                Answer(from, new LookupRequest(search.Operation, search.FileId), overlay);
            }
            else
            {
                Invite(search, overlay);
            }

            return false;
        }

        _cache?.PassedOn(message, head, overlay);
        return true;
    }

    protected override void Deliver(in RoutedMessage message, IOverlay overlay)
    {
        if (PastFormat.Read(message.Payload) is SearchMessage { Operation: not 0 } search)
        {
            Invite(search, overlay);
        }
    }

    protected override void Receive(NodeHandle from, in Payload payload, IOverlay overlay)
    {
        var message = PastFormat.Read(payload);
        if (message is null || _clients.TryReceive(from, message, overlay))
        {
            return;
        }

        switch (message)
        {
            // No client has an operation 0: it would pass for maintenance further on.
            case InsertRequest { Operation: not 0 } insert:
                _coordination.Take(from, insert, overlay);
                break;
            case StoreRequest { Operation: 0 } store when !_maintenance.IsAwaited(from, store.Certificate.FileId, overlay):
                // Nothing is taken unasked, and who gives it need keep no place for it.
                StoreJob.Reply(from, operation: 0, store.Certificate.FileId, RefusalCode.Busy, receipt: null, overlay);
                break;
            case StoreRequest store:
                _desk.Store(from, store, overlay);
                break;
            case StoreReply { Operation: 0 } reply:
                _maintenance.OnReply(from, reply, overlay);
                break;
            case StoreReply reply:
                EndIfDone(_diversions.OnReply(from, reply, overlay), overlay);
                break;
            case StoreProgress progress:
                _diversions.OnProgress(from, progress.Operation, overlay);
                break;
            case DivertRequest { Operation: not 0 } divert:
                _desk.Store(from, divert, overlay);
                break;
            case DiversionNotice notice:
                _pointerKeeper.OnNotice(from, notice, overlay);
                break;
            case RoomSearch search:
                _scout.OnSearch(from, search, overlay);
                break;
            case RoomOffer offer:
                _diversions.OnRoomOffer(from, offer, overlay);
                break;
            case StorageNotice notice when _reports.OnNotice(from, notice, overlay):
                _maintenance.RoomChanged(overlay);
                break;
            case LookupRequest { Operation: not 0 } lookup:
                Answer(from, lookup, overlay);
                break;
            case ReclaimRequest request:
                Reclaim(from, request, overlay);
                break;
            case ReplicaOffer offer:
                _maintenance.OnOffer(from, offer, overlay);
                break;
            case ReplicaOfferReply reply:
                _maintenance.OnOfferReply(from, reply, overlay);
                break;
            case ReplicaSummary summary:
                _maintenance.OnSummary(from, summary, overlay);
                break;
            case var other:
                _cache?.Receive(from, other, overlay);
                break;
        }
    }

    protected override void Handle(object input, IOverlay overlay)
    {
        if (_clients.TryHandle((PastInput)input, overlay))
        {
            return;
        }

        switch (input)
        {
            case ReplicaReclaimed reclaimed:
                OnReclaimed(reclaimed, overlay);
                break;
            case ReclaimFound found:
                Send(overlay, found.To, new ReclaimRequest(operation: 0, found.Certificate));
                break;
            case CertificateChecked outcome:
                _coordination.OnChecked(outcome, overlay);
                break;
            case ReplicaKept kept:
                OnKept(kept, overlay);
                break;
            case ReplicaRead { Request.Operation: 0 } read:
                _maintenance.OnRead(read, overlay);
                break;
            case ReplicaRead { Request.Operation: not 0 } read:
                Answer(read, overlay);
                break;
            case BeginRetirement:
                Retire(overlay);
                break;
            case ReplicaDamaged damaged:
                _stewards.Remove(damaged.FileId);
                ReplicaRecovery.Ask([damaged.FileId], _sets, overlay);
                break;
            case CacheInput outcome:
                _cache?.Handle(outcome, overlay);
                break;
            default:
                break;
        }

        EndRetirementIfDone(overlay);
    }

    protected override void Update(NodeHandle node, NeighborChange change, IOverlay overlay)
    {
        if (change == NeighborChange.Joined)
        {
            _reports.OnJoined(node, overlay);
        }
        else
        {
            _reports.OnGone(node, overlay);
            ReplicaRecovery.Ask(_pointerKeeper.OnGone(node, overlay), _sets, overlay);
        }

        _maintenance.RingChanged(node, change, overlay);
    }

    protected override void ReadyChanged(bool ready, IOverlay overlay)
    {
        if (ready)
        {
            _maintenance.Start(overlay);
        }
    }

    protected override void Expire(ulong token, IOverlay overlay)
    {
        if (token == TimerTokens.MaintenanceSweep)
        {
            _maintenance.Expire(overlay);
        }
        else if (token == TimerTokens.MaintenancePage)
        {
            _maintenance.NextPage(overlay);
        }
        else if (token == TimerTokens.MaintenanceOffers)
        {
            _maintenance.SendOffers(overlay);
        }
        else if (token == TimerTokens.StorageNotice)
        {
            _reports.Expire(overlay);
        }
        else if (token == TimerTokens.NeighborRole)
        {
            if (_reports.ExpireRoles(overlay))
            {
                _maintenance.RoomChanged(overlay);
            }
        }
        else if (TimerTokens.IsDiversion(token))
        {
            EndIfDone(_diversions.Expire(token & TimerTokens.OperationMask, overlay), overlay);
        }
        else if (token == TimerTokens.MaintenanceRepairs)
        {
            _maintenance.ExpireRepairs(overlay);
        }
        else if (token == TimerTokens.MaintenanceComparison)
        {
            _maintenance.Compare(overlay);
        }
        else if (token == TimerTokens.StoreProgress)
        {
            _desk.ExpireProgress(overlay);
            _cache?.GiveWay(overlay);
        }
        else if (TimerTokens.IsCopy(token))
        {
            _cache?.ExpireFetch(token & TimerTokens.OperationMask);
        }
        else if (token == TimerTokens.CopyExpiry)
        {
            _cache?.ExpireCopies(overlay);
        }
        else
        {
            _clients.Expire(token, overlay);
        }
    }

    /// <summary>
    /// Tells whether a client is better sent from here to others: the node closest to the id is not the only one that knows who should hold the file, and it
    /// may be the one that lies.
    /// </summary>
    private bool KnowsHolders(in SearchHead search, IOverlay overlay) => _pointers.Contains(search.FileId)
        || (search.Thorough && overlay.IsReady && _sets.Of(search.FileId.RoutingKey, CandidatesMax, overlay).Count == CandidatesMax);

    private bool IsResponsible(FileId fileId, int replicaCount, IOverlay overlay)
    {
        var closest = _sets.Of(fileId.RoutingKey, replicaCount, overlay);
        return overlay.IsReady && closest.Count == replicaCount && closest.Contains(overlay.Self);
    }

    /// <summary>
    /// Answers a search. Its client has proven nothing; so it gets less than it sent, and the transport hands that to nobody who can't prove to
    /// be the node it names.
    /// </summary>
    private static void Invite(SearchMessage search, IOverlay overlay) => Send(overlay, search.Client, new Invitation(search.Operation));

    private void Answer(NodeHandle client, LookupRequest lookup, IOverlay overlay)
    {
        if (_store.Contains(lookup.FileId) || _cache?.Contains(lookup.FileId, overlay) == true)
        {
            overlay.Perform(new ReadReplica(lookup.Operation, client, lookup.FileId));
        }
        else
        {
            Deny(client, lookup.Operation, lookup.FileId, overlay);
            if (_pointers.TryGet(lookup.FileId, out var pointer))
            {
                _cache?.Referred(lookup.FileId, pointer.ContentLength, pointer.Holder, overlay);
            }
        }
    }

    private void Answer(ReplicaRead read, IOverlay overlay)
    {
        var (operation, client, fileId, isForCopy) = read.Request;
        if (read.Certificate is not { } certificate)
        {
            _cache?.Drop(fileId, overlay);
            Deny(client, operation, fileId, overlay);
            return;
        }

        var others = new List<NodeHandle>(_sets.Of(fileId.RoutingKey, certificate.ReplicaCount, overlay));
        others.Remove(overlay.Self);
        Send(overlay, client, new LookupFound(operation, certificate, read.Content, [.. others], _cache?.AgeOf(fileId, overlay) ?? TimeSpan.Zero));
        if (!isForCopy)
        {
            _cache?.Given(certificate, overlay);
        }
    }

    /// <summary>Names the nodes that may hold a file; first the one that holds it in this node's stead.</summary>
    private NodeHandle[] CandidatesFor(FileId fileId, IOverlay overlay)
    {
        var closest = _sets.Of(fileId.RoutingKey, CandidatesMax, overlay);
        return _pointers.TryGet(fileId, out var pointer) ? [pointer.Holder, .. closest.Take(CandidatesMax - 1)] : [.. closest];
    }

    private void Deny(NodeHandle client, ulong operation, FileId fileId, IOverlay overlay) =>
        Send(overlay, client, new LookupAbsent(operation, CandidatesFor(fileId, overlay)));

    private void OnKept(ReplicaKept kept, IOverlay overlay)
    {
        var certificate = _desk.CertificateOf(kept.FileId);
        if (_desk.OnKept(kept, overlay) is { } repaired)
        {
            _maintenance.OnRepaired(repaired, overlay);
        }

        _reports.OnChanged(overlay);
        if (_store.IsRetired && kept.Refusal == RefusalCode.None)
        {
            // It was on its way when the node began to retire.
            _maintenance.RoomChanged(overlay);
        }

        if (kept.Refusal == RefusalCode.None && certificate is not null)
        {
            _cache?.Stored(certificate, _pointers.TryGet(kept.FileId, out var pointer) ? pointer.Holder : overlay.Self, overlay);
        }
    }

    private void EndIfDone(DiversionEnd? diversion, IOverlay overlay)
    {
        if (diversion is not null)
        {
            _desk.OnDiverted(diversion, overlay);
            _pointerKeeper.OnDiverted(diversion.Job.FileId, overlay);
            EndRetirementIfDone(overlay);
        }
    }

    private static void Send(IOverlay overlay, NodeHandle to, PastMessage message) => overlay.Send(to, Payload.FromContent(message));
}
