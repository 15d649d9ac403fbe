using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Moves messages towards their keys (§2.2): by the leaf set where it covers the key, else by the table, else to any known node that is
/// closer. Each hop is acknowledged; a silent one is suspected and the message goes around it.
/// </summary>
internal sealed class Router(NodeState state, IRing ring)
{
    /// <summary>After so many silent hops a message keeps to the leaf set, whose members are known to live; tables are mended lazily.</summary>
    private const int SilentHopsByTableMax = 2;

    private readonly PendingHops _pending = new(state.Options.PendingHopsMax, state.Options.PendingBytesMax);
    private readonly HeldMessages _held = new(state.Options, state.Payloads);
    private readonly StartWindow _window = new(state.Options.PendingHopsMax, state.Options.HopTimeoutInitial / 5);
    private readonly NextHopChoice _choice = new(state);
    private readonly TakenMessages _taken = new(state);
    private readonly List<PendingHop> _stranded = [];
    private Deadline _hopDeadline = new(TimerKind.Hops);
    private Deadline _heldDeadline = new(TimerKind.Held);

    /// <summary>How many messages wait until they can be forwarded or delivered.</summary>
    public int HeldCount => _held.Count;

    /// <summary>How many messages await the acknowledgement of the next hop.</summary>
    public int PendingCount => _pending.Count;

    /// <summary>Starts a message that originates here.</summary>
    /// <param name="message">The message.</param>
    /// <param name="firstHop">A node to go to first, or null.</param>
    /// <param name="isOurs">True where its payload is pooled and becomes the router's.</param>
    /// <returns>False where it is turned away, since the ring has too much to do.</returns>
    public bool Start(in Message message, NodeHandle? firstHop, bool isOurs)
    {
        if (_pending.StartedCount >= _window.Size)
        {
            // Before any work is put into it.
            state.Counters.DroppedUnderway++;
            Release(message.Payload, isOurs);
            return false;
        }

        Move(message, previousHop: null, isOurs, firstHop?.Id == state.Self.Id ? null : firstHop);
        return true;
    }

    /// <summary>Takes custody of a message from another node and moves it on.</summary>
    public void Receive(NodeHandle from, in Message message)
    {
        state.Send(from, MessageKind.Acknowledgement, message.Sequence);
        Move(message with { Hops = (byte)Math.Min(message.Hops + 1, byte.MaxValue) }, from, isOurs: false, firstHop: null);
    }

    public void Acknowledge(NodeHandle from, uint sequence)
    {
        if (!_pending.TryTake(sequence, from.Id, out var hop))
        {
            return;
        }

        _window.Acknowledged(hop.SentAt, _pending.StartedCount, state.Now, state.RoundTrips.Usual);
        state.ObserveRoundTrip(from, state.Now - hop.SentAt);
        if (state.Output.IsObserved)
        {
            state.Output.Observe(Observation.OfHop(ObservationKind.Acknowledged, hop) with { RoundTrip = state.Now - hop.SentAt });
        }

        state.Payloads.GiveBack(hop.Message.Payload);
    }

    /// <summary>Tries again what had to wait: something has changed that may let it go on.</summary>
    public void RetryHeld()
    {
        if (_held.Count == 0)
        {
            return;
        }

        var waiting = _held.TakeAll();
        while (waiting.TryDequeue(out var held))
        {
            var nextHop = NextHop(held.Message);
            if (MustWait(held.Message, nextHop))
            {
                _held.PutBack(held);
            }
            else
            {
                Pass(held.Message, held.PreviousHop, isOurs: true, nextHop);
            }
        }

        ArmHeld();
    }

    /// <summary>Learns that a message has not left this node. It is tried again when it is due, and its next hop is not to blame.</summary>
    public void NotSent(uint sequence) => _pending.NotSent(sequence);

    /// <summary>Moves everything that is on its way to a node around it: the node has gone.</summary>
    public void Abandon(NodeHandle nextHop)
    {
        _pending.TakeAllTo(nextHop, _stranded);
        Reroute();
    }

    public void ExpireHops(TimerKey timer)
    {
        if (!_hopDeadline.TryTake(timer))
        {
            return;
        }

        var next = _pending.TakeOverdue(state.Now, _stranded);
        if (next != Instant.Never)
        {
            _hopDeadline.Arm(next, state.Output);
        }

        foreach (var hop in _stranded)
        {
            if (hop.IsSent)
            {
                state.Counters.HopTimeouts++;
                _window.Missed(hop.SentAt, _pending.StartedCount + _stranded.Count, state.Now, state.RoundTrips.Usual);
                state.RoundTrips.Missed(hop.NextHop!.Id, hop.Due - hop.SentAt);
                ring.Suspect(hop.NextHop!);
            }
        }

        Reroute();
    }

    /// <summary>Sends everything that is held to the members who will have this node's place when it has left.</summary>
    public void HandOver()
    {
        var waiting = _held.TakeAll();
        while (waiting.TryDequeue(out var held))
        {
            if (state.LeafSet.Heir(held.Message.Key, state.Suspects) is { } heir)
            {
                Send(held.Message, held.PreviousHop, isOurs: true, heir, attempt: 1);
            }
            else
            {
                state.Counters.DroppedWaiting++;
                state.Payloads.GiveBack(held.Message.Payload);
            }
        }
    }

    public void ExpireHeld(TimerKey timer)
    {
        if (_heldDeadline.TryTake(timer))
        {
            state.Counters.DroppedWaiting += _held.DropExpired(state.Now);
            RetryHeld();
            ArmHeld();
        }
    }

    /// <summary>Makes sure that what is held, or is about to be, is looked at again at this instant.</summary>
    public void RetryHeldAt(Instant instant) => _heldDeadline.Arm(instant, state.Output);

    private NodeHandle? NextHop(in Message message) => _choice.Find(message.Key, Never(message));

    private static NodeId? Never(in Message message) => message.Kind == MessageKind.JoinRequest ? message.Key : null;

    private void Move(in Message message, NodeHandle? previousHop, bool isOurs, NodeHandle? firstHop)
    {
        if (message.Hops >= Limits.Hops)
        {
            state.Counters.DroppedLoops++;
            Release(message.Payload, isOurs);
            return;
        }

        var nextHop = firstHop ?? (state.IsJoined ? NextHop(message) : null);
        if (firstHop is null && MustWait(message, nextHop))
        {
            if (message.Kind != MessageKind.PromptlyRouted || !state.IsJoined || !IsTakenAlready(message, previousHop, isOurs))
            {
                Hold(message, previousHop, isOurs);
            }

            return;
        }

        Pass(message, previousHop, isOurs, nextHop);
    }

    /// <summary>
    /// A node routes once it has joined; it delivers only while nobody else may. It answers a newcomer sooner: the newcomer probes
    /// everyone that the answer names, and must not wait for the leases of its own earlier life to run out.
    /// </summary>
    private bool MustWait(in Message message, NodeHandle? nextHop) =>
        !state.IsJoined || (nextHop is null && message.Kind != MessageKind.JoinRequest && !(message.Kind == MessageKind.PromptlyRouted ? IsClosest(message.Key) : ring.MayDeliver(message.Key)));

    /// <summary>Lets the application see a question that several nodes can answer before it waits here until suspects are known to be dead: this may be one of those nodes.</summary>
    private bool IsTakenAlready(Message message, NodeHandle? previousHop, bool isOurs)
    {
        var (before, nextHop) = (message.Payload, (NodeHandle?)null);
        var passage = ring.PassThrough(ref message, previousHop, ref nextHop);
        if (passage == Passage.GoesOn)
        {
            return false;
        }

        NoteTaken(message, passage == Passage.Taken);
        Release(before, isOurs);
        return true;
    }

    /// <summary>Tells whether this is the closest node as far as it knows: those that are only suspected count as alive.</summary>
    private bool IsClosest(NodeId key) => !state.IsIsolated && state.LeafSet.Covers(key) && state.LeafSet.Closest(key) is null;

    private void Pass(Message message, NodeHandle? previousHop, bool isOurs, NodeHandle? nextHop)
    {
        var before = message.Payload;
        if (WasTaken(message))
        {
            Release(before, isOurs);
            return;
        }

        var passage = ring.PassThrough(ref message, previousHop, ref nextHop);
        if (passage != Passage.GoesOn)
        {
            NoteTaken(message, passage == Passage.Taken);
            Release(before, isOurs);
            return;
        }

        if (!message.Payload.IsSameAs(before))
        {
            Release(before, isOurs);
            isOurs = false;
        }

        if (nextHop is not null)
        {
            Send(message, previousHop, isOurs, nextHop, attempt: 1);
            return;
        }

        Deliver(message);
        Release(message.Payload, isOurs);
    }

    private void Deliver(in Message message) => NoteTaken(message, ring.Arrived(message));

    /// <summary>Tells whether an application has taken the message here before; its origin, which may not have heard of it, is told again.</summary>
    private bool WasTaken(in Message message)
    {
        if (message.Extension is not { Number: { } number } extension || !_taken.MayContain(number) || extension.Origin is not { } origin || !_taken.Contains(origin.Id, number))
        {
            return false;
        }

        ring.Confirm(origin, number);
        return true;
    }

    private void NoteTaken(in Message message, bool isTaken)
    {
        if (isTaken && message.Extension is { Number: { } number, Origin: { } origin })
        {
            _taken.Add(origin.Id, number);
            ring.Confirm(origin, number);
        }
    }

    private void Send(in Message message, NodeHandle? previousHop, bool isOurs, NodeHandle nextHop, int attempt)
    {
        var hop = new PendingHop
        {
            Message = isOurs ? message : message with { Payload = state.Payloads.Keep(message.Payload) },
            NextHop = nextHop,
            PreviousHop = previousHop,
            SentAt = state.Now,
            Due = state.Now + state.RoundTrips.TimeOut(nextHop.Id, state.RoundTripTo(nextHop.Id), state.Options),
            Attempt = attempt,
            IsSent = true,
        };
        if (!_pending.TryAdd(hop, out var sequence))
        {
            state.Counters.DroppedUnderway++;
            state.Payloads.GiveBack(hop.Message.Payload);
            return;
        }

        _hopDeadline.Arm(hop.Due, state.Output);
        state.Counters.Forwarded++;
        state.Counters.Sent(message.Kind);
        var outgoing = hop.Message with { Sequence = sequence };
        if (state.Output.IsObserved && outgoing.Extension?.Trace is not null)
        {
            state.Output.Observe(Explain(hop with { Message = outgoing }));
        }

        state.Output.Send(nextHop, outgoing);
    }

    private void Reroute()
    {
        foreach (var hop in _stranded)
        {
            if (state.Output.IsObserved)
            {
                state.Output.Observe(Observation.OfHop(ObservationKind.Lost, hop));
            }

            if (hop.Attempt >= state.Options.HopAttemptsMax)
            {
                state.Counters.DroppedUnderway++;
                state.Payloads.GiveBack(hop.Message.Payload);
                continue;
            }

            var nextHop = hop.Attempt < SilentHopsByTableMax ? NextHop(hop.Message) : _choice.FindByLeafSet(hop.Message.Key, Never(hop.Message));
            if (nextHop is not null)
            {
                Send(hop.Message, hop.PreviousHop, isOurs: true, nextHop, hop.Attempt + 1);
            }
            else if (MustWait(hop.Message, nextHop))
            {
                Hold(hop.Message, hop.PreviousHop, isOurs: true);
            }
            else
            {
                if (!WasTaken(hop.Message))
                {
                    Deliver(hop.Message);
                }

                state.Payloads.GiveBack(hop.Message.Payload);
            }
        }

        _stranded.Clear();
    }

    private void Hold(in Message message, NodeHandle? previousHop, bool isOurs)
    {
        var kept = isOurs ? message : message with { Payload = state.Payloads.Keep(message.Payload) };
        state.Counters.DroppedWaiting += _held.Add(kept, previousHop, state.Now);

        ArmHeld();
    }

    private void ArmHeld()
    {
        if (_held.NextExpiry != Instant.Never)
        {
            _heldDeadline.Arm(_held.NextExpiry, state.Output);
        }
    }

    private Observation Explain(in PendingHop hop)
    {
        var key = hop.Message.Key;
        var row = state.Self.Id.SharedDigits(key, state.Options.BitsPerDigit);
        var rule = state.LeafSet.Covers(key) ? RoutingRule.LeafSet
            : hop.NextHop!.Equals(state.Table.Find(row, key)) ? RoutingRule.Table
            : RoutingRule.Closer;
        return Observation.OfHop(ObservationKind.Sent, hop) with { Rule = rule, Row = row };
    }

    private void Release(in Payload payload, bool isOurs)
    {
        if (isOurs)
        {
            state.Payloads.GiveBack(payload);
        }
    }
}
