using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Is PAST on one node as a state machine, a child of the overlay's (PAST, SOSP 2001). The switch over messages and inputs stands here; the
/// work is done by <see cref="InsertOperation"/> and <see cref="LookupOperation"/> at the client, by <see cref="ReplicaDesk"/> and
/// <see cref="ReplicaMaintenance"/> at the holder.
/// </summary>
internal sealed class PastMachine : PastryApplication
{
    /// <summary>How many nodes next to an id a thorough lookup asks: those that should hold the file, and those that did before a change.</summary>
    private const int ReferralCount = 8;

    /// <summary>How many certificates of inserts may be waiting to be checked.</summary>
    private const int CheckingMax = 4096;

    private readonly PastOptions _options;
    private readonly IReplicaStore _store;
    private readonly ReplicaDesk _desk;
    private readonly ReplicaMaintenance _maintenance;
    private readonly Dictionary<ulong, InsertOperation> _inserts = [];
    private readonly Dictionary<ulong, LookupOperation> _lookups = [];
    private readonly Dictionary<ulong, InsertRequest> _checking = [];

    public PastMachine(PastOptions options, IReplicaStore store)
        : base(PastryApplicationId.FromName("p2p/past"))
    {
        options.Validate();
        _options = options;
        _store = store;
        _desk = new ReplicaDesk(store, options);
        _maintenance = new ReplicaMaintenance(store, _desk, options);
    }

    protected override bool Forward(ref ForwardedMessage message, IOverlay overlay) => PastFormat.Read(message.Payload) switch
    {
        // The first of the k closest that an insert reaches takes it; the first holder that a lookup reaches answers it.
        InsertRequest insert => !IsResponsible(insert.Certificate, overlay) || !Coordinate(insert, overlay),
        LookupRequest { Thorough: false } lookup => !TryAnswer(lookup, overlay),
        // The node closest to the id is not the only one that knows who should hold the file, and it may be the one that lies.
        LookupRequest lookup when overlay.IsReady => !TryRefer(lookup, candidatesMin: ReferralCount, overlay),
        _ => true,
    };

    protected override void Deliver(in RoutedMessage message, IOverlay overlay)
    {
        switch (PastFormat.Read(message.Payload))
        {
            case InsertRequest insert:
                Coordinate(insert, overlay);
                break;
            case LookupRequest lookup:
                TryRefer(lookup, candidatesMin: 0, overlay);
                break;
            default:
                break;
        }
    }

    protected override void Receive(NodeHandle from, in Payload payload, IOverlay overlay)
    {
        switch (PastFormat.Read(payload))
        {
            case InsertAccepted accepted when _inserts.TryGetValue(accepted.Operation, out var insert):
                insert.OnAccepted(accepted.Holders, overlay);
                EndIfDone(insert, overlay);
                break;
            case StoreRequest store:
                _desk.Store(store.Operation, store.Client, store.Certificate, store.Content, store.Sources, overlay);
                break;
            case StoreReply reply when _inserts.TryGetValue(reply.Operation, out var insert):
                insert.OnReply(from, reply, overlay);
                EndIfDone(insert, overlay);
                break;
            case StoreProgress progress when _inserts.TryGetValue(progress.Operation, out var insert):
                insert.OnProgress(overlay);
                break;
            case LookupRequest lookup when !TryAnswer(lookup, overlay):
                Send(overlay, lookup.Client, new LookupAbsent(lookup.Operation));
                break;
            case LookupFound found when _lookups.TryGetValue(found.Operation, out var lookup):
                lookup.OnFound(from, found, overlay);
                EndIfDone(lookup);
                break;
            case LookupAbsent absent when _lookups.TryGetValue(absent.Operation, out var lookup):
                lookup.OnAbsent(from, overlay);
                EndIfDone(lookup);
                break;
            case LookupReferral referral when _lookups.TryGetValue(referral.Operation, out var lookup):
                lookup.OnReferral(referral.Candidates, overlay);
                break;
            case ReplicaOffer offer:
                _maintenance.OnOffer(from, offer, overlay);
                break;
            case ReplicaOfferReply reply:
                _maintenance.OnOfferReply(from, reply, overlay);
                break;
            default:
                break;
        }
    }

    protected override void Handle(object input, IOverlay overlay)
    {
        switch ((PastInput)input)
        {
            case StartInsert start:
                var insert = new InsertOperation(start.Operation, start.Certificate, start.Content, _options);
                _inserts.Add(start.Operation, insert);
                insert.Attempt(overlay);
                break;
            case StartLookup start:
                var lookup = new LookupOperation(start.Operation, start.FileId, _options);
                _lookups.Add(start.Operation, lookup);
                lookup.Attempt(overlay);
                break;
            case CancelOperation cancel:
                Cancel(cancel.Operation, overlay);
                break;
            case CertificateChecked outcome when _checking.Remove(outcome.Token, out var request):
                Distribute(request, outcome.Valid, overlay);
                break;
            case ReplicaKept kept when _desk.OnKept(kept, overlay) is { } repaired:
                _maintenance.OnRepaired(repaired, overlay);
                break;
            case ReceiptChecked outcome when _inserts.TryGetValue(outcome.Operation, out var operation):
                operation.OnReceiptChecked(outcome.Holder, outcome.Receipt, outcome.Valid, overlay);
                EndIfDone(operation, overlay);
                break;
            case ReplicaRead { Message: { } message } read:
                Send(overlay, read.To, message);
                if (message is StoreRequest given)
                {
                    _maintenance.OnGiven(read.To, given.Certificate, overlay);
                }

                break;
            case ReplicaRead read:
                _maintenance.RingChanged(overlay);
                break;
            case ReplicasDescribed described:
                _maintenance.OnDescribed(described.Replicas, overlay);
                break;
            case LookupRejected rejected when _lookups.TryGetValue(rejected.Operation, out var operation):
                operation.OnRejected(rejected.Holder, overlay);
                EndIfDone(operation);
                break;
            case ReplicaDamaged damaged:
                Recover(damaged.FileId, overlay);
                break;
            default:
                break;
        }
    }

    protected override void Update(NodeHandle node, NeighborChange change, IOverlay overlay) => _maintenance.RingChanged(overlay);

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
        else if (token == TimerTokens.MaintenanceOffers)
        {
            _maintenance.SendOffers(overlay);
        }
        else if (token == TimerTokens.StoreProgress)
        {
            _desk.ExpireProgress(overlay);
        }
        else if (TimerTokens.IsInsert(token) && _inserts.TryGetValue(token & TimerTokens.OperationMask, out var insert))
        {
            insert.Expire(overlay);
            EndIfDone(insert, overlay);
        }
        else if (TimerTokens.IsLookup(token) && _lookups.TryGetValue(token & TimerTokens.OperationMask, out var lookup))
        {
            lookup.Expire(overlay);
            EndIfDone(lookup);
        }
    }

    private static bool IsResponsible(FileCertificate certificate, IOverlay overlay)
    {
        var closest = overlay.ReplicaSet(certificate.FileId.RoutingKey, certificate.ReplicaCount);
        return overlay.IsReady && closest.Count == certificate.ReplicaCount && closest.Contains(overlay.Self);
    }

    /// <summary>Takes an insert on; what it asks for is checked before k nodes are put to work.</summary>
    private bool Coordinate(InsertRequest request, IOverlay overlay)
    {
        if (_checking.Count >= CheckingMax)
        {
            Refuse(request, StoreRefusal.Busy, overlay);
            return true;
        }

        var token = overlay.NextRandom();
        _checking[token] = request;
        overlay.Perform(new CheckCertificate(token, request.Certificate));
        return true;
    }

    private static void Distribute(InsertRequest request, bool valid, IOverlay overlay)
    {
        var certificate = request.Certificate;
        NodeHandle[] holders = [.. overlay.ReplicaSet(certificate.FileId.RoutingKey, certificate.ReplicaCount)];
        if (!valid)
        {
            Refuse(request, StoreRefusal.BadCertificate, overlay);
        }
        else if (holders.Length < certificate.ReplicaCount)
        {
            // A leaf set that ends before k nodes are found is either the whole ring, or too small for this k.
            var isWholeRing = overlay.TryRange(overlay.Self, certificate.ReplicaCount - 1, out _, out _);
            Refuse(request, isWholeRing ? StoreRefusal.TooFewNodes : StoreRefusal.TooManyReplicas, overlay);
        }
        else
        {
            Send(overlay, request.Client, new InsertAccepted(request.Operation, holders));
            foreach (var holder in holders)
            {
                // The coordinator fetches from the client, the others from the coordinator; the client is their second choice.
                NodeHandle[] sources = holder.Id == overlay.Self.Id ? [request.Client] : [overlay.Self, request.Client];
                Send(overlay, holder, new StoreRequest(request.Operation, request.Client, certificate, request.Content, sources));
            }
        }
    }

    private static void Refuse(InsertRequest request, StoreRefusal refusal, IOverlay overlay) =>
        Send(overlay, request.Client, new StoreReply(request.Operation, request.Certificate.FileId, refusal, receipt: null));

    private bool TryAnswer(LookupRequest lookup, IOverlay overlay)
    {
        if (!_store.Contains(lookup.FileId))
        {
            return false;
        }

        overlay.Perform(new ReadForLookup(lookup.Operation, lookup.Client, lookup.FileId));
        return true;
    }

    private static bool TryRefer(LookupRequest lookup, int candidatesMin, IOverlay overlay)
    {
        NodeHandle[] candidates = [.. overlay.ReplicaSet(lookup.FileId.RoutingKey, ReferralCount)];
        if (candidates.Length < candidatesMin)
        {
            return false;
        }

        Send(overlay, lookup.Client, new LookupReferral(lookup.Operation, candidates));
        return true;
    }

    /// <summary>Asks the others that should hold a damaged file to offer it again, as if this node had just come.</summary>
    private static void Recover(FileId fileId, IOverlay overlay)
    {
        foreach (var node in overlay.ReplicaSet(fileId.RoutingKey, ReferralCount))
        {
            if (node.Id != overlay.Self.Id)
            {
                Send(overlay, node, new ReplicaOfferReply([], [fileId]));
            }
        }
    }

    private void Cancel(ulong operation, IOverlay overlay)
    {
        if (_inserts.TryGetValue(operation, out var insert))
        {
            insert.Cancel();
            EndIfDone(insert, overlay);
        }

        _lookups.Remove(operation);
    }

    private void EndIfDone(InsertOperation insert, IOverlay overlay)
    {
        if (insert.Result is { } result && _inserts.Remove(insert.Id))
        {
            overlay.Perform(new InsertEnded(insert.Id, result));
        }
    }

    private void EndIfDone(LookupOperation lookup)
    {
        if (lookup.HasEnded)
        {
            _lookups.Remove(lookup.Id);
        }
    }

    private static void Send(IOverlay overlay, NodeHandle to, PastMessage message) => overlay.Send(to, Payload.FromContent(message));
}
