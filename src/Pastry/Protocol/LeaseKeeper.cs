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
/// lease at once only if it names, on its other side, the node that still holds one there; else when that has run out. And nobody is
/// granted a lease across a node that was given up before that one's has run out: it may live, and have been told that the other is dead.
/// </remarks>
internal sealed class LeaseKeeper(NodeState state, IRing ring)
{
    private readonly List<Grant> _grants = [];
    private Deadline _heartbeat = new(TimerKind.Heartbeat);
    private Instant _awakeSince;
    private Side _left;
    private Side _right;

    /// <summary>Tells whether the node may deliver: it is alone, or holds leases from both sides.</summary>
    public bool IsReady => IsReadyAt(state.Now);

    private TimeSpan Patience => state.Options.HeartbeatInterval * 1.5;

    /// <summary>The promise outlasts the lease by an eighth: clocks of two machines may run at slightly different rates.</summary>
    private Instant PromiseUntil => state.Now + state.Options.LeaseDuration * 1.125;

    public bool IsReadyAt(Instant now) =>
        state.IsJoined && !state.HasLeft && (state.LeafSet.Left is null || (_left.LeaseUntil > now && _right.LeaseUntil > now));

    /// <summary>Begins when the node has joined.</summary>
    public void Start()
    {
        LeafSetChanged();
        _heartbeat.Arm(state.Now + state.Options.HeartbeatInterval * state.Random.NextDouble(), state.Output);
    }

    public void LeafSetChanged()
    {
        if (!state.IsJoined || state.HasLeft)
        {
            return;
        }

        var isLeftNew = Refresh(ref _left, state.LeafSet.Left);
        var isRightNew = Refresh(ref _right, state.LeafSet.Right);
        // A neighbour may have withheld its lease because we did not know yet who is on our other side.
        AskForLeases(isLeftNew || (isRightNew && _left.LeaseUntil <= state.Now), isRightNew || (isLeftNew && _right.LeaseUntil <= state.Now));
    }

    public void Receive(NodeHandle from, LeaseBody body)
    {
        if (!state.IsJoined || state.HasLeft)
        {
            return;
        }

        var isNeighbor = Hear(ref _left, from, body) | Hear(ref _right, from, body);
        if (!body.Flags.HasFlag(LeaseFlags.AnswerWanted))
        {
            return;
        }

        if (isNeighbor)
        {
            Send(from, answerWanted: LeaseFrom(from) < state.Now + state.Options.LeaseDuration / 2);
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

        if (_left.Neighbor is { } left)
        {
            Send(left, answerWanted: true, grants: !ProbeIfSilent(_left));
        }

        if (_right.Neighbor is { } right && right.Id != _left.Neighbor?.Id)
        {
            var isSilent = ProbeIfSilent(_right);
            if (_right.LeaseUntil < state.Now + state.Options.HeartbeatInterval)
            {
                Send(right, answerWanted: true, grants: !isSilent);
            }
        }

        _grants.RemoveAll(grant => grant.Until <= state.Now);
        _heartbeat.Arm(state.Now + state.Random.Jitter(state.Options.HeartbeatInterval, spread: 0.05), state.Output);
    }

    /// <summary>Tells until when a node that has gone from the leaf set may still deliver for the key; in the past where none may.</summary>
    public Instant BlockedUntil(NodeId key)
    {
        var until = Instant.Zero;
        foreach (var grant in _grants)
        {
            if (grant.Until > until && !state.LeafSet.Contains(grant.Holder) && grant.Holder.IsCloserTo(key, state.Self.Id))
            {
                until = grant.Until;
            }
        }

        return until;
    }

    /// <summary>Takes back the promise to a node that delivers no more: it has left, or started another life.</summary>
    public void Release(NodeId holder) => _grants.RemoveAll(grant => grant.Holder == holder);

    /// <summary>
    /// Waits for the leases of a dead member that got none from this node: those of its neighbours, who may be dead as well, may outlive
    /// their promises to each other.
    /// </summary>
    public void Outlive(NodeId holder)
    {
        if (!_grants.Exists(grant => grant.Holder == holder && grant.Until > state.Now))
        {
            _grants.Add(new Grant(holder, PromiseUntil, Sides: 0));
        }
    }

    /// <summary>
    /// Uses no lease from before a sleep: others may have given this node up meanwhile. Heartbeats from before it may still come in, from
    /// a buffer that did not sleep, so that answers to older stamps count no more.
    /// </summary>
    public void Forget()
    {
        _awakeSince = state.Now;
        _left.LeaseUntil = Instant.Zero;
        _right.LeaseUntil = Instant.Zero;
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

    private bool Refresh(ref Side side, NodeHandle? neighbor)
    {
        if (Equals(side.Neighbor, neighbor))
        {
            return false;
        }

        var previousLives = side.Neighbor is { } previous && state.LeafSet.Contains(previous.Id) && previous.Id != neighbor?.Id;
        side = new Side
        {
            Neighbor = neighbor,
            LeaseUntil = previousLives ? side.LeaseUntil : Instant.Zero,
            LastHeard = state.Now,
        };
        return true;
    }

    private bool Hear(ref Side side, NodeHandle from, LeaseBody body)
    {
        if (side.Neighbor is null || !side.Neighbor.Equals(from))
        {
            return false;
        }

        side.LastStamp = body.Stamp;
        side.LastHeard = state.Now;
        side.Beyond = body.Beyond;
        if (body.Flags.HasFlag(LeaseFlags.Grant) && body.Echo > Instant.Zero && body.Echo >= _awakeSince && body.Echo <= state.Now)
        {
            var until = body.Echo + state.Options.LeaseDuration;
            side.LeaseUntil = until > side.LeaseUntil ? until : side.LeaseUntil;
        }

        return true;
    }

    private Instant LeaseFrom(NodeHandle neighbor) => neighbor.Equals(_left.Neighbor) ? _left.LeaseUntil : _right.LeaseUntil;

    private bool ProbeIfSilent(in Side side)
    {
        var isSilent = state.Now - side.LastHeard > Patience;
        if (isSilent)
        {
            ring.Probe(side.Neighbor!);
        }

        return isSilent;
    }

    /// <param name="neighbor">The neighbour.</param>
    /// <param name="answerWanted">Whether its own lease is needed in return.</param>
    /// <param name="grants">Whether it gets one: a silent neighbour does not, or its place would stay empty longer when it is dead.</param>
    private void Send(NodeHandle neighbor, bool answerWanted, bool grants = true)
    {
        var (isLeft, isRight) = (neighbor.Equals(_left.Neighbor), neighbor.Equals(_right.Neighbor));
        grants = grants && (!isLeft || MayGrant(_left, GrantSides.Left)) && (!isRight || MayGrant(_right, GrantSides.Right));
        if (grants)
        {
            Release(neighbor.Id);
            _grants.Add(new Grant(neighbor.Id, PromiseUntil, (isLeft ? GrantSides.Left : 0) | (isRight ? GrantSides.Right : 0)));
        }

        var echo = isLeft ? _left.LastStamp : _right.LastStamp;
        var flags = (grants ? LeaseFlags.Grant : LeaseFlags.None) | (answerWanted ? LeaseFlags.AnswerWanted : LeaseFlags.None);
        state.Send(neighbor, MessageKind.Lease, sequence: 0, new LeaseBody(state.Now, echo, flags, Beyond(isLeft)));
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

    /// <summary>
    /// Looks at the other leases on a neighbour's side that still run: none may be of a node between, and the nearest behind it must be of
    /// a node that it knows. One that holds a lease already has shown that it does; since then others may have come between the two.
    /// </summary>
    private bool MayGrant(in Side side, GrantSides which)
    {
        Grant? behind = null;
        var isRenewal = false;
        var reach = Distance(side.Neighbor!.Id, which);
        foreach (var grant in _grants)
        {
            if (!grant.Sides.HasFlag(which) || grant.Until <= state.Now)
            {
                continue;
            }

            if (grant.Holder == side.Neighbor.Id)
            {
                isRenewal = true;
                continue;
            }

            if (Distance(grant.Holder, which) < reach)
            {
                // The next heartbeat brings what has to wait now.
                _heartbeat.Arm(grant.Until, state.Output);
                return false;
            }

            if (behind is null || Distance(grant.Holder, which) < Distance(behind.Value.Holder, which))
            {
                behind = grant;
            }
        }

        return isRenewal || behind is null || Array.IndexOf(side.Beyond ?? [], behind.Value.Holder) >= 0;
    }

    private UInt128 Distance(NodeId id, GrantSides which) =>
        which == GrantSides.Right ? state.Self.Id.ClockwiseTo(id) : id.ClockwiseTo(state.Self.Id);

    [Flags]
    private enum GrantSides
    {
        Left = 1,
        Right = 2,
    }

    private readonly record struct Grant(NodeId Holder, Instant Until, GrantSides Sides);

    private record struct Side
    {
        public NodeHandle? Neighbor { get; init; }

        public Instant LeaseUntil { get; set; }

        public Instant LastStamp { get; set; }

        public Instant LastHeard { get; set; }

        public NodeId[]? Beyond { get; set; }
    }
}
