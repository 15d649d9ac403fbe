using P2P.Pastry;
using P2P.Pastry.Transport;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Is SCRIBE on one node as a state machine, a child of the overlay's (Castro et al., 2002). The switch over messages and inputs stands here; the work is
/// done by <see cref="TreeDesk"/> (who hangs below whom), <see cref="RootDesk"/> (rendezvous points and their state), <see cref="BatchDesk"/> (what is
/// multicast), <see cref="ClientDesk"/> (what this node's users want of rendezvous points), <see cref="WitnessDesk"/> (whether parents pass on what they
/// should), <see cref="AnycastDesk"/> (requests to any one member), and <see cref="RosterDesk"/> (who is in a group).
/// </summary>
internal class ScribeMachine : PastryApplication
{
    /// <summary>After so many heartbeats this node looks anew who is whose rendezvous point: not every change is told.</summary>
    private const int ReviewTurns = 8;

    private readonly ScribeOptions _options;
    /// <summary>Who did not answer: the trees go around it, until it is heard of again.</summary>
    private readonly RememberedNodes _avoided = new(TimeSpan.FromSeconds(20));
    private readonly Verifications _verifications = new();
    private readonly TreeLinks _links;
    private readonly TreeDesk _trees;
    private readonly RootDesk _roots;
    private readonly BatchDesk _batches;
    private readonly ClientDesk _clients;
    private readonly AnycastDesk _anycasts;
    private readonly RosterDesk _rosters;
    private readonly WitnessDesk _witnesses;
    private readonly Alarm _beat = new(TimerTokens.Beat);
    private readonly Refusals _refusals;
    private readonly Predicate<GroupId> _passesOn;
    private int _turn;

    public ScribeMachine(ScribeOptions options)
        : base(PastryApplicationId.FromName("p2p/scribe"))
    {
        options.Validate();
        _options = options;
        _links = new TreeLinks(options);
        _clients = new ClientDesk(options, _links);
        _batches = new BatchDesk(options, _links, _verifications);
        _trees = new TreeDesk(options, _links, _avoided, _verifications, _batches);
        _roots = new RootDesk(options, _links, _avoided, _verifications, _trees, _batches);
        _anycasts = new AnycastDesk(options, _links, _avoided, _verifications, _trees, _roots, _batches.Counters);
        _batches.Roots = _trees.Roots = _roots;
        _batches.Rosters = _trees.Rosters = _rosters = new RosterDesk(options, _trees);
        _passesOn = id => _trees.Find(id) is { IsMember: false };
        _batches.Trees = _trees;
        _refusals = new Refusals(Counters);
        _witnesses = new WitnessDesk(options, _links, _avoided, _verifications, _trees);
    }

    /// <summary>What was counted.</summary>
    public ScribeCounters Counters => _batches.Counters;

    /// <summary>The groups in whose trees this node is.</summary>
    public IReadOnlyCollection<GroupState> Groups => _trees.Groups;

    /// <summary>Of how many groups this node is about to be the rendezvous point.</summary>
    public int ClaimCount => _roots.ClaimCount;

    /// <summary>Gives the state of a rendezvous point that is kept here.</summary>
    public RootRecord? RecordOf(GroupId group) => _roots.Find(group);

    protected override bool Forward(ref ForwardedMessage message, IOverlay overlay)
    {
        // Until the overlay has found out that a rendezvous point is dead, searches go on to it, or wait: who has taken over answers those that pass by.
        if (message.Origin is not { } client || ScribeFormat.Read(message.Payload) is not RootSearch search || !_roots.IsActing(search.Group))
        {
            return true;
        }

        var isAnswered = _roots.OnSearch(client, search.Group, overlay);
        EndStep(overlay);
        return !isAnswered;
    }

    protected override void Deliver(in RoutedMessage message, IOverlay overlay)
    {
        if (message.Origin is { } client && ScribeFormat.Read(message.Payload) is RootSearch search)
        {
            _roots.OnSearch(client, search.Group, overlay);
            EndStep(overlay);
        }
    }

    protected override void Receive(NodeHandle from, in Payload payload, IOverlay overlay)
    {
        _batches.BeginStep();
        if (ScribeFormat.Read(payload, _passesOn) is not { } message)
        {
            Counters.Unwanted++;
            return;
        }

        _avoided.Remove(from.Id);
        _links.Heard(from, overlay.Now);
        Receive(from, message, overlay);
        EndStep(overlay);
    }

    protected override void Handle(object input, IOverlay overlay)
    {
        _batches.BeginStep();
        switch ((ScribeInput)input)
        {
            case Verified verified when _verifications.TryTake(verified, overlay) || _batches.TryTake(verified, overlay):
                break;
            case CreateGroup create:
                _clients.Create(create, overlay);
                break;
            case JoinGroup join:
                _trees.Join(join, overlay);
                break;
            case LeaveGroup leave:
                _trees.Leave(leave, overlay);
                break;
            case CancelJoin join:
                _trees.Cancel(join, overlay);
                break;
            case TakeSnapshot take:
                overlay.Perform(new SnapshotTaken(take.Operation, TreeCensus.SnapshotOf(_trees, _links, _roots)));
                break;
            case StartAnycast start:
                _anycasts.Start(start, overlay);
                break;
            case CancelAnycast cancel:
                _anycasts.Cancel(cancel.Operation);
                break;
            case AnswerAnycast answer:
                _anycasts.OnAnswer(answer, overlay);
                break;
            case PublishBatch publish:
                Publish(publish.Batch, overlay);
                break;
            default:
                break;
        }

        EndStep(overlay);
    }

    protected override void Update(NodeHandle node, NeighborChange change, IOverlay overlay)
    {
        // Who is displaced by nearer ones lives.
        if (change is not (NeighborChange.Joined or NeighborChange.Displaced))
        {
            if (change == NeighborChange.Departed)
            {
                _roots.OnDeparted(node, overlay);
            }

            OnGone(node, overlay);
        }

        _roots.Review(overlay);
        EndStep(overlay);
    }

    protected override void PeerDown(NodeHandle peer, IOverlay overlay)
    {
        OnGone(peer, overlay);
        EndStep(overlay);
    }

    protected override void NotSent(NodeHandle to, in Payload payload, SendStatus status, IOverlay overlay)
    {
        if (status == SendStatus.Unreachable)
        {
            OnGone(to, overlay);
            if (ScribeFormat.Read(payload) is AnycastSearch search)
            {
                _anycasts.OnNotSent(search, overlay);
            }
        }
        else if (ScribeFormat.Read(payload) is BatchMessage { Kind: ScribeMessageKind.Batch } batch && _trees.Find(batch.Batch.Group) is { } group)
        {
            _batches.OnNotSent(group, to, batch, overlay);
        }

        EndStep(overlay);
    }

    protected override void ReadyChanged(bool ready, IOverlay overlay)
    {
        _roots.HasBeenReady |= ready;
        if (ready)
        {
            _roots.Review(overlay);
            EndStep(overlay);
        }
    }

    protected override void Expire(ulong token, IOverlay overlay)
    {
        switch (token)
        {
            case TimerTokens.Beat when _beat.Rings(overlay.Now):
                Beat(overlay);
                break;
            case TimerTokens.Tree:
                _trees.Expire(overlay);
                break;
            case TimerTokens.Replay:
                _batches.Expire(overlay);
                break;
            case TimerTokens.Flow:
                _batches.ExpireFlow(overlay);
                break;
            case TimerTokens.Roots:
                _roots.Expire(overlay);
                break;
            case TimerTokens.Clients:
                _clients.Expire(overlay);
                break;
            case TimerTokens.Anycast:
                _anycasts.Expire(overlay);
                break;
            case TimerTokens.Roster:
                _rosters.OnAlarm(overlay);
                break;
            default:
                break;
        }

        EndStep(overlay);
    }

    private void Receive(NodeHandle from, ScribeMessage message, IOverlay overlay)
    {
        switch (message)
        {
            case BatchMessage { Kind: ScribeMessageKind.Batch } batch when _trees.Find(batch.Batch.Group) is { } group:
                _batches.OnBatch(group, from, batch, overlay);
                break;
            case BatchMessage { Kind: ScribeMessageKind.Publication } publication:
                _roots.OnPublication(from, publication, overlay);
                break;
            case BatchMessage { Kind: ScribeMessageKind.RecordAppend } append:
                _roots.OnAppend(from, append, overlay);
                break;
            case BatchMessage { Kind: ScribeMessageKind.Witness } shown:
                _witnesses.OnShown(from, shown, overlay);
                break;
            case WitnessRequest request:
                _witnesses.OnRequest(from, request, overlay);
                break;
            case WitnessReply reply:
                _witnesses.OnReply(from, reply, overlay);
                break;
            case Heartbeat heartbeat:
                OnHeartbeat(from, heartbeat, overlay);
                break;
            case JoinRequest request:
                _trees.OnRequest(from, request, overlay);
                break;
            case JoinReply reply:
                _trees.OnReply(from, reply, overlay);
                break;
            case LeaveNotice notice:
                _trees.OnLeave(from, notice, overlay);
                break;
            case LinkReport report:
                _trees.OnReport(from, report, overlay);
                break;
            case ReplayRequest request when _trees.Find(request.Group) is { } group:
                _batches.OnReplayRequest(group, from, request, overlay);
                break;
            case ReplayRefusal refusal when _trees.Find(refusal.Group) is { } group:
                _batches.OnReplayRefusal(group, from, refusal, overlay);
                break;
            case FlowMark { IsAnswer: false } mark:
                _batches.OnMark(from, mark, mark.Group == default ? null : _trees.Find(mark.Group), overlay);
                break;
            case FlowMark answer when answer.Group == default:
                _batches.OnMarkAnswer(from, answer, overlay);
                break;
            case FlowMark answer:
                _clients.OnMarkAnswer(from, answer, overlay);
                break;
            case DropNotice notice when _trees.Find(notice.Group) is { } group:
                _batches.OnDropNotice(group, from, notice, overlay);
                break;
            case RootFound found:
                _clients.OnFound(from, found, overlay);
                break;
            case CreateRequest create:
                _roots.OnCreate(from, create, overlay);
                break;
            case CreateReply reply:
                _clients.OnCreateReply(from, reply, overlay);
                break;
            case PublicationReply reply:
                _clients.OnPublicationReply(from, reply, overlay);
                break;
            case RootClaim claim:
                _roots.OnClaim(from, claim, overlay);
                break;
            case RootPromise promise:
                _roots.OnPromise(from, promise, overlay);
                break;
            case RecordUpdate update:
                _roots.OnUpdate(from, update, overlay);
                break;
            case RecordReply reply:
                _roots.OnRecordReply(from, reply, overlay);
                break;
            case RecordRequest request:
                _roots.OnRecordRequest(from, request, overlay);
                break;
            case AnycastSearch search:
                _anycasts.OnSearch(search, overlay);
                break;
            case AnycastReply reply:
                _anycasts.OnReply(from, reply, overlay);
                break;
            default:
                break;
        }
    }

    private void OnHeartbeat(NodeHandle from, Heartbeat heartbeat, IOverlay overlay)
    {
        _trees.OnHeartbeat(from, heartbeat, overlay);
        foreach (var (id, digest) in heartbeat.Digests)
        {
            if (_trees.Find(id) is { } group && from.Equals(group.Parent))
            {
                _batches.OnDigest(group, digest, overlay);
            }
        }

        foreach (var id in heartbeat.Behind)
        {
            if (_trees.Find(id) is { } group && from.Equals(group.Parent))
            {
                group.Watch.ParentBehindAt = overlay.Now;
            }
        }
    }

    private void Publish(SignedBatch batch, IOverlay overlay)
    {
        if (_trees.Find(batch.Group) is { IsAttached: true, Crawls: true } group)
        {
            var message = new BatchMessage(ScribeMessageKind.Batch, batch, batch.IsOrdered ? batch.AuthorPosition : default, epochStart: 1, isReplay: false);
            _batches.SpreadOwn(group, message, overlay);
        }
        else
        {
            _clients.Publish(batch, overlay);
        }
    }

    private void OnGone(NodeHandle peer, IOverlay overlay)
    {
        _avoided.Add(peer.Id, overlay.Now);
        _trees.OnGone(peer, overlay);
        _clients.OnGone(peer, overlay);
        _roots.Review(overlay);
    }

    private void Beat(IOverlay overlay)
    {
        _witnesses.Beat(overlay);
        var silent = _links.Beat(_batches.DigestsFor, _witnesses.BehindFor, overlay);
        _batches.EndBeat();
        foreach (var link in silent)
        {
            OnGone(link.Node, overlay);
            link.HeardAt = overlay.Now;
        }

        if (++_turn % ReviewTurns == 0)
        {
            TreeCensus.Count(_trees, Counters);
            _refusals.Note(overlay);
            _roots.Review(overlay);
        }
    }

    /// <summary>Ends what every handler begins.</summary>
    private void EndStep(IOverlay overlay)
    {
        _trees.Flush(overlay);
        if (!_links.IsEmpty)
        {
            _beat.Set(overlay.Now + _options.HeartbeatInterval, overlay);
        }
    }
}
