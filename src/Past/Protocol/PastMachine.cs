using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Is PAST on one node as a state machine, a child of the overlay's (PAST, SOSP 2001). The switch over messages and inputs stands here; the
/// work is done by <see cref="InsertOperation"/> and <see cref="LookupOperation"/> at the client, by <see cref="InsertDesk"/> at the coordinator, by
/// <see cref="ReplicaDesk"/> and <see cref="ReplicaMaintenance"/> at the holder.
/// </summary>
internal sealed class PastMachine : PastryApplication
{
    /// <summary>How many nodes next to an id are named: those that should hold the file, and those that did before a change.</summary>
    private const int CandidatesMax = LookupAbsent.CandidatesMax;

    private readonly PastOptions _options;
    private readonly IReplicaCatalog _store;
    private readonly ReplicaDesk _desk;
    private readonly ReplicaMaintenance _maintenance;
    private readonly Dictionary<ulong, InsertOperation> _inserts = [];
    private readonly Dictionary<ulong, LookupOperation> _lookups = [];
    private readonly Dictionary<ulong, ReclaimOperation> _reclaims = [];
    private readonly InsertDesk _coordination = new();

    public PastMachine(PastOptions options, IReplicaCatalog store)
        : base(PastryApplicationId.FromName("p2p/past"))
    {
        options.Validate();
        _options = options;
        _store = store;
        _desk = new ReplicaDesk(store, options);
        _maintenance = new ReplicaMaintenance(store, _desk, options);
    }

    protected override bool Forward(ref ForwardedMessage message, IOverlay overlay)
    {
        if (!PastFormat.TryReadHead(message.Payload, out var head))
        {
            return true;
        }

        var isFound = head.Kind switch
        {
            // The first of the k closest that an insert reaches takes it; the first holder that a lookup reaches answers it.
            PastMessageKind.InsertSearch => IsResponsible(head.FileId, head.ReplicaCount, overlay),
            // The node closest to the id is not the only one that knows who should hold the file, and it may be the one that lies.
            _ => _store.Contains(head.FileId)
                || (head.Thorough && overlay.IsReady && overlay.ReplicaSet(head.FileId.RoutingKey, CandidatesMax).Count == CandidatesMax),
        };
        return !isFound || !TryInvite(message.Payload, overlay);
    }

    protected override void Deliver(in RoutedMessage message, IOverlay overlay) => TryInvite(message.Payload, overlay);

    protected override void Receive(NodeHandle from, in Payload payload, IOverlay overlay)
    {
        switch (PastFormat.Read(payload))
        {
            case Invitation invitation when _inserts.TryGetValue(invitation.Operation, out var insert):
                insert.OnInvited(from, overlay);
                break;
            case Invitation invitation when _lookups.TryGetValue(invitation.Operation, out var lookup):
                lookup.OnInvited(from, overlay);
                break;
            case Invitation invitation when _reclaims.TryGetValue(invitation.Operation, out var reclaim):
                reclaim.OnInvited(from, overlay);
                break;
            // No client has an operation 0: it would pass for maintenance further on.
            case InsertRequest { Operation: not 0 } insert:
                _coordination.Take(from, insert, overlay);
                break;
            case InsertAccepted accepted when _inserts.TryGetValue(accepted.Operation, out var insert):
                insert.OnAccepted(from, accepted.Holders, overlay);
                EndIfDone(insert, overlay);
                break;
            case StoreRequest { Operation: 0 } store when !_maintenance.IsAwaited(from, store.Certificate.FileId, overlay):
                break;
            case StoreRequest store:
                _desk.Store(from, store, overlay);
                break;
            case StoreReply reply when _inserts.TryGetValue(reply.Operation, out var insert):
                insert.OnReply(from, reply, overlay);
                EndIfDone(insert, overlay);
                break;
            case StoreProgress progress when _inserts.TryGetValue(progress.Operation, out var insert):
                insert.OnProgress(from, overlay);
                break;
            case LookupRequest { Operation: not 0 } lookup:
                Answer(from, lookup, overlay);
                break;
            case LookupFound found when _lookups.TryGetValue(found.Operation, out var lookup):
                lookup.OnFound(from, found, overlay);
                EndIfDone(lookup);
                break;
            case LookupAbsent absent when _lookups.TryGetValue(absent.Operation, out var lookup):
                lookup.OnAbsent(from, absent.Candidates, overlay);
                EndIfDone(lookup);
                break;
            case ReclaimRequest request:
                overlay.Perform(new ReclaimReplica(request.Operation, from, request.Certificate, MayHold(request.Certificate.FileId, overlay)));
                break;
            case ReclaimReply reply when _reclaims.TryGetValue(reply.Operation, out var reclaim):
                reclaim.OnReply(from, reply, overlay);
                EndIfDone(reclaim, overlay);
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
                insert.Start(overlay);
                break;
            case StartLookup start:
                var lookup = new LookupOperation(start.Operation, start.FileId, _options);
                _lookups.Add(start.Operation, lookup);
                lookup.Attempt(overlay);
                break;
            case StartReclaim start:
                var reclaim = new ReclaimOperation(start.Operation, start.Certificate, _options);
                _reclaims.Add(start.Operation, reclaim);
                reclaim.Attempt(overlay);
                break;
            case ReplicaReclaimed { Request.Operation: not 0 } reclaimed:
                Answer(reclaimed, overlay);
                break;
            case ReclaimReceiptChecked outcome when _reclaims.TryGetValue(outcome.Operation, out var operation):
                operation.OnReceiptChecked(outcome.Holder, outcome.Receipt, outcome.Valid, overlay);
                EndIfDone(operation, overlay);
                break;
            case ReclaimFound found:
                Send(overlay, found.To, new ReclaimRequest(operation: 0, found.Certificate));
                break;
            case CancelOperation cancel:
                Cancel(cancel.Operation, overlay);
                break;
            case CertificateChecked outcome:
                _coordination.OnChecked(outcome, overlay);
                break;
            case ReplicaKept kept when _desk.OnKept(kept, overlay) is { } repaired:
                _maintenance.OnRepaired(repaired, overlay);
                break;
            case ReceiptChecked outcome when _inserts.TryGetValue(outcome.Operation, out var operation):
                operation.OnReceiptChecked(outcome.Holder, outcome.Receipt, outcome.Valid, overlay);
                EndIfDone(operation, overlay);
                break;
            case ReplicaRead { Request.Operation: 0, Certificate: { } given } read:
                Send(overlay, read.Request.To, new StoreRequest(operation: 0, overlay.Self, given, read.Content));
                _maintenance.OnGiven(read.Request.To, given, overlay);
                break;
            case ReplicaRead { Request.Operation: not 0 } read:
                Answer(read, overlay);
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
        else if (token == TimerTokens.MaintenancePage)
        {
            _maintenance.NextPage(overlay);
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
        else if (TimerTokens.IsReclaim(token) && _reclaims.TryGetValue(token & TimerTokens.OperationMask, out var reclaim))
        {
            reclaim.Expire(overlay);
            EndIfDone(reclaim, overlay);
        }
    }

    /// <summary>Tells whether this node may be asked to hold a file of which nothing is known but its id.</summary>
    private static bool MayHold(FileId fileId, IOverlay overlay) => overlay.CountCloser(fileId.RoutingKey) < CandidatesMax;

    private static bool IsResponsible(FileId fileId, int replicaCount, IOverlay overlay)
    {
        var closest = overlay.ReplicaSet(fileId.RoutingKey, replicaCount);
        return overlay.IsReady && closest.Count == replicaCount && closest.Contains(overlay.Self);
    }

    /// <summary>
    /// Answers a search. Its client has proven nothing; so it gets less than it sent, and the transport hands that to nobody who can't prove to
    /// be the node it names.
    /// </summary>
    private static bool TryInvite(in Payload payload, IOverlay overlay)
    {
        if (PastFormat.Read(payload) is not SearchMessage { Operation: not 0 } search)
        {
            return false;
        }

        Send(overlay, search.Client, new Invitation(search.Operation));
        return true;
    }

    private void Answer(NodeHandle client, LookupRequest lookup, IOverlay overlay)
    {
        if (_store.Contains(lookup.FileId))
        {
            overlay.Perform(new ReadReplica(lookup.Operation, client, lookup.FileId));
        }
        else
        {
            Deny(client, lookup.Operation, lookup.FileId, overlay);
        }
    }

    private static void Answer(ReplicaRead read, IOverlay overlay)
    {
        var (operation, client, fileId) = read.Request;
        if (read.Certificate is not { } certificate)
        {
            Deny(client, operation, fileId, overlay);
            return;
        }

        NodeHandle[] others = [.. overlay.ReplicaSet(fileId.RoutingKey, certificate.ReplicaCount).Where(node => node.Id != overlay.Self.Id)];
        Send(overlay, client, new LookupFound(operation, certificate, read.Content, others));
    }

    /// <summary>Tells the client whether this node has given the file up, and who else may hold it.</summary>
    private static void Answer(ReplicaReclaimed reclaimed, IOverlay overlay)
    {
        var (operation, client, certificate, _) = reclaimed.Request;
        Send(overlay, client, new ReclaimReply(operation, reclaimed.Receipt, [.. overlay.ReplicaSet(certificate.FileId.RoutingKey, CandidatesMax)]));
    }

    private static void Deny(NodeHandle client, ulong operation, FileId fileId, IOverlay overlay) =>
        Send(overlay, client, new LookupAbsent(operation, [.. overlay.ReplicaSet(fileId.RoutingKey, CandidatesMax)]));

    /// <summary>Asks the others that should hold a damaged file to offer it again, as if this node had just come.</summary>
    private static void Recover(FileId fileId, IOverlay overlay)
    {
        foreach (var node in overlay.ReplicaSet(fileId.RoutingKey, CandidatesMax))
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

        if (_reclaims.TryGetValue(operation, out var reclaim))
        {
            reclaim.Cancel();
            EndIfDone(reclaim, overlay);
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

    private void EndIfDone(ReclaimOperation reclaim, IOverlay overlay)
    {
        if (reclaim.Result is { } result && _reclaims.Remove(reclaim.Id))
        {
            overlay.Perform(new ReclaimEnded(reclaim.Id, result));
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
