using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Keeps the leases between ring neighbours, which make deliveries exclusive. A node is ready while both immediate neighbours have
/// promised it not to take its place; and nobody delivers in the place of a neighbour before its own promise to it has run out.
/// </summary>
/// <remarks>
/// A heartbeat goes to the left neighbour only and is answered: one exchange renews the leases of both. A lease counts from the stamp that
/// its holder sent, which lies before the instant at which the grantor starts to count.
/// A newcomer between two nodes leaves the lease that they have of each other in force: it can't become ready before both have granted
/// it one, and having granted it, neither renews the other's. For that to hold, each of the two must know the newcomer: it is granted a
/// lease at once only if it names, on its other side, the node that still holds one there; else when that has run out. Such a lease
/// stands beside that node's, and counts only together with one from that node itself, until the older one has run out or was given
/// back: a node gives back what it no longer needs as soon as it has the newcomer's lease instead.
/// And nobody is granted a lease across a node that was given up before that one's has run out: it may live, and have been told that the
/// other is dead.
/// </remarks>
internal sealed class LeaseKeeper(NodeState state, IRing ring)
{
    private readonly LeaseGrants _grants = new(state);
    private Deadline _heartbeat = new(TimerKind.Heartbeat);
    private Instant _awakeSince;
    private Instant _changedAt;
    private Instant _nextHeartbeat;
    private LeaseSide _left;
    private LeaseSide _right;

    /// <summary>Tells whether the node may deliver: it stands alone, or holds leases from both sides.</summary>
    public bool IsReady => IsReadyAt(state.Now);

    /// <summary>What the left neighbour, or the one before it, has promised to this node.</summary>
    public Lease Left => _left.Lease;

    /// <summary>What the right neighbour, or the one before it, has promised to this node.</summary>
    public Lease Right => _right.Lease;

    /// <inheritdoc cref="LeaseGrants.All"/>
    public IReadOnlyList<LeaseGrants.Grant> Grants => _grants.All;

    /// <summary>After so long a silence, a neighbour's heartbeat or answer has been missed.</summary>
    private TimeSpan Patience => state.Options.HeartbeatInterval * 1.075;

    /// <summary>So long before its end a lease is asked for again, when no heartbeat has renewed it: as soon as one was missed.</summary>
    private TimeSpan Margin => state.Options.LeaseDuration - Patience;

    public bool IsReadyAt(Instant now) =>
        state.IsJoined && !state.HasLeft && (state.LeafSet.Left is null ? !state.IsIsolated : _left.Lease.Counts(now, _right.Lease) && _right.Lease.Counts(now, _left.Lease));

    /// <summary>Begins when the node has joined.</summary>
    public void Start()
    {
        LeafSetChanged();
        _nextHeartbeat = state.Now + state.Options.HeartbeatInterval * state.Random.NextDouble();
        _heartbeat.Arm(_nextHeartbeat, state.Output);
    }

    public void LeafSetChanged()
    {
        if (!state.IsJoined || state.HasLeft)
        {
            return;
        }

        _changedAt = state.Now;
        var isLeftNew = Refresh(ref _left, RingSides.Left, state.LeafSet.Left);
        var isRightNew = Refresh(ref _right, RingSides.Right, state.LeafSet.Right);
        // A neighbour may have withheld its lease because we did not know yet who is on our other side.
        AskForLeases(isLeftNew || (isRightNew && _left.Lease.Until <= state.Now), isRightNew || (isLeftNew && _right.Lease.Until <= state.Now));
    }

    public void Receive(NodeHandle from, LeaseBody body)
    {
        if (!state.IsJoined || state.HasLeft)
        {
            return;
        }

        TakeBack(from, body);
        var isNeighbor = Hear(ref _left, RingSides.Left, from, body) | Hear(ref _right, RingSides.Right, from, body);
        if (!isNeighbor && body.Flags.HasFlag(LeaseFlags.Grant))
        {
            Decline(from, body.Stamp);
        }

        if (!body.Flags.HasFlag(LeaseFlags.AnswerWanted))
        {
            return;
        }

        if (isNeighbor)
        {
            var withholds = (from.Equals(_left.Neighbor) ? _left : _right).Withholds;
            Send(from, answerWanted: !withholds && LeaseFrom(from) < state.Now + state.Options.LeaseDuration / 2);
        }
        else
        {
            // Somebody is between us: our leaf set shows whom.
            state.Send(from, MessageKind.LeafSetReply, sequence: 0, state.DescribeLeafSet());
        }
    }

    public void Expire(TimerKey timer)
    {
        if (!_heartbeat.TryTake(timer) || state.HasLeft)
        {
            return;
        }

        // The right neighbour's own heartbeat renews the lease from there; only if that stays away, it is asked.
        var isDue = _nextHeartbeat <= state.Now;
        var isRenewing = Ask(ref _left, isDue);
        if (_right.Neighbor?.Id != _left.Neighbor?.Id || !isRenewing)
        {
            Ask(ref _right, isDue: false);
        }

        if (isDue)
        {
            _nextHeartbeat = state.Now + state.Random.Jitter(state.Options.HeartbeatInterval, spread: 0.05);
        }

        _grants.Expire();
        _heartbeat.Arm(_nextHeartbeat, state.Output);
        _heartbeat.Arm(NextAsk(_left), state.Output);
        _heartbeat.Arm(NextAsk(_right), state.Output);
    }

    /// <inheritdoc cref="LeaseGrants.BlockedUntil"/>
    public Instant BlockedUntil(NodeId key) => _grants.BlockedUntil(key);

    /// <summary>Takes back what was promised to a node that delivers no more, and uses none of its promises: it has left, or started another life.</summary>
    public void Release(NodeId node)
    {
        _grants.Release(node);
        _left.Lease = _left.Lease.Grantor?.Id == node ? default : _left.Lease;
        _right.Lease = _right.Lease.Grantor?.Id == node ? default : _right.Lease;
    }

    /// <inheritdoc cref="LeaseGrants.Outlive"/>
    public void Outlive(NodeId holder) => _grants.Outlive(holder);

    /// <summary>
    /// Uses no lease from before a sleep: others may have given this node up meanwhile. Heartbeats from before it may still come in, from
    /// a buffer that did not sleep, so that answers to older stamps count no more.
    /// </summary>
    public void Forget()
    {
        _awakeSince = state.Now;
        _left.Lease = default;
        _right.Lease = default;
        AskForLeases(ofLeft: true, ofRight: true);
    }

    private void AskForLeases(bool ofLeft, bool ofRight)
    {
        if (ofLeft && _left.Neighbor is { } left)
        {
            Send(left, answerWanted: true);
        }

        // In a ring of two, one neighbour is both.
        if (ofRight && _right.Neighbor is { } right && !(ofLeft && right.Equals(_left.Neighbor)))
        {
            Send(right, answerWanted: true);
        }
    }

    private bool Refresh(ref LeaseSide side, RingSides which, NodeHandle? neighbor)
    {
        if (Equals(side.Neighbor, neighbor))
        {
            return false;
        }

        // The lease of a node behind a newcomer still keeps others away; that of a dead one does not keep away who is behind it.
        var isNearer = side.Neighbor is { } previous && neighbor is not null
            && _grants.Distance(neighbor.Id, which) < _grants.Distance(previous.Id, which);
        side = new LeaseSide
        {
            Neighbor = neighbor,
            Lease = isNearer ? side.Lease : default,
            AskedAt = state.Now,
            Since = state.Now,
            LastHeard = state.Now,
        };
        return true;
    }

    private bool Hear(ref LeaseSide side, RingSides which, NodeHandle from, LeaseBody body)
    {
        if (side.Neighbor is null || !side.Neighbor.Equals(from))
        {
            return false;
        }

        side.LastHeard = state.Now;
        if (body.Stamp < side.LastStamp)
        {
            // Overtaken by a later one.
            return true;
        }

        // One that knows all that it needs, and grants nothing, has to wait itself; it asks when that is over.
        side.Withholds = body.Echo > _changedAt && body.Flags.HasFlag(LeaseFlags.Withheld);
        side.LastStamp = body.Stamp;
        side.Beyond = body.Beyond;
        if (body.Flags.HasFlag(LeaseFlags.Grant) && body.Echo > Instant.Zero && body.Echo >= side.Since && body.Echo >= _awakeSince && body.Echo <= state.Now)
        {
            var until = body.Echo + state.Options.LeaseDuration;
            if (side.Lease.Grantor is { } other && !other.Equals(from))
            {
                GiveBack(other, side.Lease.Stamp, which == RingSides.Left ? LeaseFlags.GivesBackLeft : LeaseFlags.GivesBackRight);
            }

            side.Lease = new Lease(from, until, body.Stamp, body.Beside, body.Beside is null ? Instant.Zero : _grants.PromiseUntil);
        }

        return true;
    }

    /// <summary>Gives back at once what somebody grants who is no neighbour any more; with an earlier one that is still used, when that is given back.</summary>
    private void Decline(NodeHandle from, Instant stamp)
    {
        var isUsed = Notes(ref _left, from, stamp) | Notes(ref _right, from, stamp);
        if (!isUsed)
        {
            GiveBack(from, stamp, LeaseFlags.GivesBackLeft | LeaseFlags.GivesBackRight);
        }

        static bool Notes(ref LeaseSide side, NodeHandle from, Instant stamp)
        {
            var isUsed = from.Equals(side.Lease.Grantor);
            if (isUsed && stamp > side.Lease.Stamp)
            {
                side.Lease = side.Lease with { Stamp = stamp };
            }

            return isUsed;
        }
    }

    private void GiveBack(NodeHandle grantor, Instant upTo, LeaseFlags flags) =>
        state.Send(grantor, MessageKind.Lease, sequence: 0, new LeaseBody(state.Now, upTo, flags, [], beside: null));

    /// <summary>Takes back what a holder does not need any more, as far as it has seen what was promised to it.</summary>
    private void TakeBack(NodeHandle from, LeaseBody body)
    {
        var sides = (body.Flags.HasFlag(LeaseFlags.GivesBackLeft) ? RingSides.Right : 0) | (body.Flags.HasFlag(LeaseFlags.GivesBackRight) ? RingSides.Left : 0);
        if (sides == 0)
        {
            return;
        }

        _grants.TakeBack(from.Id, sides, body.Echo);
        // Who was granted one beside it may use that alone from now on.
        var left = sides.HasFlag(RingSides.Left) ? _left.Neighbor : null;
        var right = sides.HasFlag(RingSides.Right) ? _right.Neighbor : null;
        if (left is not null && !left.Equals(from))
        {
            Send(left, answerWanted: false);
        }

        if (right is not null && !right.Equals(from) && !right.Equals(left))
        {
            Send(right, answerWanted: false);
        }
    }

    private Instant LeaseFrom(NodeHandle neighbor)
    {
        var lease = neighbor.Equals(_left.Neighbor) ? _left.Lease : _right.Lease;
        return neighbor.Equals(lease.Grantor) ? lease.Until : Instant.Zero;
    }

    /// <summary>Sends a heartbeat, or asks for a lease that is about to end.</summary>
    private bool Ask(ref LeaseSide side, bool isDue)
    {
        if (side.Neighbor is not { } neighbor || !(isDue || NextAsk(side) <= state.Now))
        {
            return false;
        }

        side.AskedAt = state.Now;
        ProbeIfSilent(side);
        // It is granted one when it answers: it may be dead, and its place would stay empty longer.
        Send(neighbor, answerWanted: true, grants: false);
        return true;
    }

    /// <summary>Tells when to ask for a lease again; a neighbour that has to wait itself is not asked but by heartbeats.</summary>
    private Instant NextAsk(in LeaseSide side)
    {
        if (side.Neighbor is null || side.Withholds)
        {
            return Instant.Never;
        }

        var due = LeaseFrom(side.Neighbor) - Margin;
        var again = side.AskedAt + state.Options.ProbeTimeout / 2;
        return due > again ? due : again;
    }

    private void ProbeIfSilent(in LeaseSide side)
    {
        if (state.Now - side.LastHeard > Patience)
        {
            ring.Probe(side.Neighbor!);
        }
    }

    /// <param name="neighbor">The neighbour.</param>
    /// <param name="answerWanted">Whether its own lease is needed in return.</param>
    /// <param name="grants">Whether it gets one, if nothing forbids it.</param>
    private void Send(NodeHandle neighbor, bool answerWanted, bool grants = true)
    {
        var (isLeft, isRight) = (neighbor.Equals(_left.Neighbor), neighbor.Equals(_right.Neighbor));
        NodeId? beside = null;
        var blockedUntil = Instant.Never;
        var echo = isLeft ? _left.LastStamp : _right.LastStamp;
        // A lease counts from the holder's own stamp: without one it would bind this node and be of no use to the other.
        var isWanted = grants && echo > Instant.Zero;
        grants = isWanted
            && (!isLeft || _grants.MayGrant(neighbor.Id, RingSides.Left, _left.Beyond ?? [], ref beside, ref blockedUntil))
            && (!isRight || _grants.MayGrant(neighbor.Id, RingSides.Right, _right.Beyond ?? [], ref beside, ref blockedUntil));
        if (grants)
        {
            _grants.Add(neighbor.Id, (isLeft ? RingSides.Left : 0) | (isRight ? RingSides.Right : 0));
        }
        else if (blockedUntil != Instant.Never)
        {
            // The next heartbeat brings what has to wait now.
            _heartbeat.Arm(blockedUntil, state.Output);
        }

        var flags = (grants ? LeaseFlags.Grant : isWanted ? LeaseFlags.Withheld : LeaseFlags.None) | (answerWanted ? LeaseFlags.AnswerWanted : LeaseFlags.None);
        state.Send(neighbor, MessageKind.Lease, sequence: 0, new LeaseBody(state.Now, echo, flags, Beyond(isLeft), grants ? beside : null));
    }

    private NodeId[] Beyond(bool ofLeft)
    {
        var side = ofLeft ? state.LeafSet.Clockwise : state.LeafSet.Counterclockwise;
        var ids = new NodeId[Math.Min(side.Length, Limits.NeighborsBeyond)];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = side[i].Id;
        }

        return ids;
    }
}
