using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Is one Pastry node as a state machine: it takes an input and the instant, and writes what is to be done to an outbox.
/// </summary>
/// <remarks>
/// How to drive it. Inputs: <see cref="Receive"/> for each message, <see cref="Expire"/> for each timer that it set, and the commands and
/// outcomes <see cref="StartRing"/>, Join, <see cref="BootstrapResolved"/>, <see cref="BootstrapUnreachable"/>,
/// <see cref="ProximityMeasured"/>, <see cref="PeerDown"/>, NotSent, <see cref="Resume"/>, <see cref="Leave"/>, <see cref="Route"/>, <see cref="Handle"/>. One thread at a time, with
/// instants that never go back. After each input the caller carries out the outbox and clears it. Timers are never taken back: one that is
/// not awaited any more does nothing. Messages may be lost, doubled or late, and bodies may lie; nothing of that breaks an invariant.
/// </remarks>
internal sealed partial class PastryMachine : IRing
{
    private readonly NodeState _state;
    private readonly Router _router;
    private readonly ProbeSchedule _probes;
    private readonly LeafSetKeeper _leafSet;
    private readonly LeaseKeeper _leases;
    private readonly TableKeeper _table;
    private readonly TableWatch _watch;
    private readonly JoinOperation _join;
    private readonly Reunion _reunion;
    private bool _wasReady;

    /// <summary>Makes a node that has not begun to live.</summary>
    /// <param name="self">Who it is.</param>
    /// <param name="options">How it is set.</param>
    /// <param name="seed">Where its choices come from; what it tells others may give them away.</param>
    /// <param name="applications">What runs on it.</param>
    /// <param name="hasOwnMetric">Whether nearness is something else than round trips.</param>
    /// <param name="secret">Where the numbers come from that nobody may guess; the seed, where nobody is to be kept from it.</param>
    public PastryMachine(
        NodeHandle self, PastryOptions options, ulong seed, IEnumerable<PastryApplication> applications, bool hasOwnMetric = false, ulong? secret = null)
    {
        options.Validate();
        _state = new NodeState(self, options, seed, hasOwnMetric, secret);
        _router = new Router(_state, this);
        _probes = new ProbeSchedule(_state, this);
        _leafSet = new LeafSetKeeper(_state, this);
        _leases = new LeaseKeeper(_state, this);
        _table = new TableKeeper(_state, this);
        _watch = new TableWatch(_state, this);
        _join = new JoinOperation(_state, this);
        _reunion = new Reunion(_state, _join);
        _unconfirmed = new Unconfirmed(_state, _router);
        foreach (var application in applications)
        {
            if (!_applications.TryAdd(application.Id, new ApplicationOverlay(this, application)))
            {
                throw new PastryException($"Two applications have the id {application.Id}; give them different names.");
            }
        }
    }

    public NodeHandle Self => _state.Self;

    public LeafSet LeafSet => _state.LeafSet;

    public RoutingTable Table => _state.Table;

    public NeighborhoodSet Neighborhood => _state.Neighborhood;

    public NodeCounters Counters => _state.Counters;

    public bool IsJoined => _state.IsJoined;

    public bool HasLeft => _state.HasLeft;

    /// <summary>Tells whether the node could deliver as of its last step.</summary>
    public bool IsReady => _leases.IsReady;

    public int HeldCount => _router.HeldCount;

    /// <summary>Those whom the node has found dead, and asks after now and then.</summary>
    public LostPeers LostPeers => _state.LostPeers;

    /// <summary>How many messages await the acknowledgement of the next hop.</summary>
    public int PendingCount => _router.PendingCount;

    /// <summary>How many nodes are asked for a sign of life.</summary>
    public int ProbeCount => _probes.Count;

    public Suspects Suspects => _state.Suspects;

    public RoundTripTable RoundTrips => _state.RoundTrips;

    public LeaseKeeper Leases => _leases;

    /// <summary>Tells whether the node has lost every other one and does not stand alone.</summary>
    public bool IsIsolated => _state.IsIsolated;

    /// <summary>Tells whether a node is being passed over because it did not answer in time.</summary>
    public bool IsSuspected(NodeHandle node) => _state.Suspects.Contains(node);

    /// <summary>Starts a new ring with this node as its only member.</summary>
    public void StartRing(Instant now, Outbox output)
    {
        _state.BeginStep(now, output);
        BecomeJoined();
        EndStep();
    }

    /// <summary>Starts to join, through bootstraps that are known by their index until they are resolved.</summary>
    public void Join(int bootstrapCount, Instant now, Outbox output) => Join(bootstrapCount, [], now, output);

    /// <summary>Starts to join, through bootstraps, and then through nodes remembered from an earlier life; starts a ring where there are neither.</summary>
    public void Join(int bootstrapCount, IReadOnlyList<NodeHandle> remembered, Instant now, Outbox output)
    {
        _state.BeginStep(now, output);
        _join.Start(bootstrapCount, remembered);
        EndStep();
    }

    public void BootstrapResolved(int index, NodeHandle bootstrap, Instant now, Outbox output)
    {
        _state.BeginStep(now, output);
        _join.BootstrapResolved(index, bootstrap);
        EndStep();
    }

    public void BootstrapUnreachable(int index, string reason, Instant now, Outbox output)
    {
        _state.BeginStep(now, output);
        _join.BootstrapUnreachable(index, reason);
        EndStep();
    }

    /// <summary>Takes how near a node is, in milliseconds of a round trip or in units of the host's own; NaN where it did not answer.</summary>
    public void ProximityMeasured(NodeHandle node, float proximity, Instant now, Outbox output)
    {
        _state.BeginStep(now, output);
        if (!_state.HasLeft && _state.Proximities.TryTake(node))
        {
            _join.Measured(node, proximity);
            _table.Measured(node, proximity);
        }

        EndStep();
    }

    /// <summary>A bootstrap belongs to a closed ring that does not admit this node.</summary>
    public void BootstrapRefused(int index, string reason, Instant now, Outbox output)
    {
        _state.BeginStep(now, output);
        _join.BootstrapRefused(index, reason);
        EndStep();
    }

    /// <summary>Takes the transport's word that messages to a peer are being lost.</summary>
    public void PeerDown(NodeHandle peer, Instant now, Outbox output)
    {
        _state.BeginStep(now, output);
        // That nobody is where others say it is tells nothing of a node that is known elsewhere.
        if (!_state.HasLeft && Known(peer.Id) is var known && !(peer.Equals(known) && !peer.HasAddressesOf(known)))
        {
            Suspect(peer);
            _router.Abandon(peer);
            _join.PeerDown(peer);
            NotifyPeerDown(peer);
        }

        EndStep();
    }

    /// <summary>Takes the transport's word that a message was not sent, since what waits for that peer is too much already.</summary>
    public void NotSent(uint sequence) => _router.NotSent(sequence);

    /// <summary>Tells the machine that its clock may have stood still while others' went on, as when a laptop sleeps.</summary>
    public void Resume(Instant now, Outbox output)
    {
        _state.BeginStep(now, output);
        if (_state.IsJoined && !_state.HasLeft)
        {
            _leases.Forget();
        }

        EndStep();
    }

    /// <summary>Says farewell and stops taking part; messages that are held are sent on.</summary>
    public void Leave(Instant now, Outbox output)
    {
        _state.BeginStep(now, output);
        if (!_state.HasLeft)
        {
            _router.HandOver();
            _state.HasLeft = true;
            foreach (var member in LeafSet.Members)
            {
                _state.Send(member, MessageKind.Departure);
            }

            GiveUpConfirmations();
        }

        EndStep();
    }

    public void Receive(NodeHandle from, in Message message, Instant now, Outbox output)
    {
        _state.BeginStep(now, output);
        if (!_state.HasLeft && from.Id != Self.Id)
        {
            Dispatch(from, message);
        }

        EndStep();
    }

    public void Expire(TimerKey timer, Instant now, Outbox output)
    {
        _state.BeginStep(now, output);
        if (!_state.HasLeft)
        {
            Dispatch(timer);
        }

        EndStep();
    }

    public bool MayDeliver(NodeId key)
    {
        var from = MayDeliverFrom(key, _state.Now);
        if (from != Instant.Never && from > _state.Now)
        {
            _router.RetryHeldAt(from);
        }

        return from <= _state.Now;
    }

    /// <summary>Tells from when on this node may deliver for the key, by what it knows and holds now; never, where it is not its turn.</summary>
    public Instant MayDeliverFrom(NodeId key, Instant now) =>
        _leases.IsReadyAt(now) && LeafSet.Covers(key) && LeafSet.Closest(key) is null ? _leases.BlockedUntil(key) : Instant.Never;

    /// <summary>Tells whether the node could deliver at an instant, if nothing happened until then.</summary>
    public bool IsReadyAt(Instant now) => _leases.IsReadyAt(now);

    private void Dispatch(TimerKey timer)
    {
        switch (timer.Kind)
        {
            case TimerKind.Hops:
                _router.ExpireHops(timer);
                break;
            case TimerKind.Held:
                _router.ExpireHeld(timer);
                break;
            case TimerKind.Probes:
                _probes.Expire(timer);
                break;
            case TimerKind.Heartbeat:
                _leases.Expire(timer);
                break;
            case TimerKind.Join:
                _join.Expire(timer);
                break;
            case TimerKind.LeafSetExchange:
                _leafSet.ExpireExchange(timer);
                break;
            case TimerKind.TableMaintenance:
                _table.Expire(timer);
                break;
            case TimerKind.TableWatch:
                _watch.Expire(timer);
                break;
            case TimerKind.Reunion:
                _reunion.Expire(timer);
                break;
            case TimerKind.Confirmations:
                ExpireConfirmations(timer);
                break;
            case TimerKind.Application:
                ExpireApplication(timer);
                break;
            default:
                break;
        }
    }

    private void Dispatch(NodeHandle from, in Message message)
    {
        NoteAlive(from, pong: message.Kind == MessageKind.Pong ? message.Sequence : null);
        // Without an acknowledgement it goes another way; if it waited here, newcomers whose requests meet each other would wait for ever. That
        // of a newcomer whose bootstrap this node is has no other way.
        if (!IsJoined && message.IsRouted && (message.Kind != MessageKind.JoinRequest || message.Hops > 0))
        {
            return;
        }

        switch (message.Kind)
        {
            case MessageKind.Routed or >= MessageKinds.LaterRouted:
                _router.Receive(from, message);
                break;
            case MessageKind.Acknowledgement:
                _router.Acknowledge(from, message.Sequence);
                break;
            case MessageKind.JoinRequest when message.Payload.Content is JoinRequestBody body && IsOfJoiner(from, message, body):
                ReceiveJoinRequest(from, message, body);
                break;
            case MessageKind.JoinReply when message.Payload.Content is JoinReplyBody body:
                _join.ReceiveReply(from, body);
                break;
            case MessageKind.LeafSetProbe when message.Payload.Content is LeafSetBody body && (IsJoined || _join.IsProbing):
                _leafSet.ReceiveProbe(from, message.Sequence, body);
                break;
            case MessageKind.LeafSetReply when message.Payload.Content is LeafSetBody body:
                _leafSet.ReceiveReply(from, body);
                _probes.Answered(from, message.Sequence);
                break;
            case MessageKind.Lease when message.Payload.Content is LeaseBody body:
                _leafSet.Meet(from);
                _leases.Receive(from, body);
                break;
            case MessageKind.Ping:
                _state.Send(from, MessageKind.Pong, message.Sequence);
                break;
            case MessageKind.Pong:
                break;
            case MessageKind.RowRequest when message.Payload.Content is RowRequestBody body:
                _table.ReceiveRequest(from, body);
                break;
            case MessageKind.RowReply when message.Payload.Content is RowBody body:
                _join.ReceiveRow(from, body);
                _table.Receive(from, body);
                break;
            case MessageKind.RowAnnouncement when message.Payload.Content is RowBody body:
                _leafSet.Meet(from);
                _table.ReceiveAnnouncement(from, body);
                break;
            case MessageKind.Departure when LeafSet.Find(from.Id) is not { } known || known.Incarnation <= from.Incarnation:
                _probes.Cancel(from);
                Bury(from, NeighborChange.Departed);
                break;
            case MessageKind.Confirmation when message.Payload.Content is ConfirmationBody body:
                Confirmed(body.Number, from);
                break;
            case MessageKind.Direct:
                ReceiveApplication(from, message.Application, message.Payload);
                break;
            default:
                _state.Counters.UnknownMessages++;
                break;
        }
    }

    /// <summary>Any message shows that its sender lives.</summary>
    private void NoteAlive(NodeHandle from, uint? pong)
    {
        _probes.Answered(from, pong);
        _state.Table.Hear(from, _state.Now);
        _state.LostPeers.Remove(from.Id);
        if (_state.Suspects.Remove(from))
        {
            _router.RetryHeld();
        }
    }

    private void BecomeJoined()
    {
        _state.IsJoined = true;
        _state.Counters.Joins++;
        _leases.Start();
        _leafSet.StartExchanges();
        _table.Start();
        _watch.Start();
        _router.RetryHeld();
    }

    /// <summary>Ends every step: commands of applications are carried out, and a change of readiness is told.</summary>
    private void EndStep()
    {
        RunCommands();
        var ready = _leases.IsReady;
        if (ready == _wasReady)
        {
            return;
        }

        _wasReady = ready;
        if (ready)
        {
            _router.RetryHeld();
        }

        _state.Output.Perform(new ReadyChanged(ready));
        NotifyReady(ready);
        RunCommands();
    }
}
