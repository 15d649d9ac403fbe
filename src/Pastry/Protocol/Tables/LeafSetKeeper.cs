using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Keeps the leaf set true (MSPastry §3): a node is taken in only once it has spoken to us itself; those that others name are probed;
/// those that others call failed are probed, and go when they stay silent. A hole is filled by asking the farthest true member on its side.
/// </summary>
internal sealed class LeafSetKeeper(NodeState state, IRing ring)
{
    private readonly List<NodeHandle> _displaced = [];
    private readonly List<NodeHandle> _inGap = [];
    private Deadline _exchange = new(TimerKind.LeafSetExchange);
    private Dictionary<NodeId, Instant>? _rumors;
    private int _gapAskedAt = -1;

    public void StartExchanges() =>
        _exchange.Arm(state.Now + state.Random.Jitter(state.Options.LeafSetExchangeInterval, spread: 0.25), state.Output);

    public void ExpireExchange(TimerKey timer)
    {
        if (!_exchange.TryTake(timer))
        {
            return;
        }

        var members = state.LeafSet.Members;
        if (members.Length > 0)
        {
            ring.Probe(members[state.Random.Next(members.Length)]);
        }

        StartExchanges();
    }

    public void ReceiveProbe(NodeHandle from, uint sequence, LeafSetBody body)
    {
        Meet(from);
        Merge(from, body);
        state.Send(from, MessageKind.LeafSetReply, sequence, state.DescribeLeafSet());
    }

    public void ReceiveReply(NodeHandle from, LeafSetBody body)
    {
        Meet(from);
        Merge(from, body);
    }

    /// <summary>Takes in a node that has spoken to us.</summary>
    public void Meet(NodeHandle node)
    {
        if (!state.Obituaries.Revive(node, state.Now))
        {
            return;
        }

        if (state.LeafSet.Find(node.Id) is { } known)
        {
            if (known.Incarnation >= node.Incarnation)
            {
                return;
            }

            ring.Bury(known, NeighborChange.Restarted);
            state.Obituaries.Revive(node, state.Now);
        }

        state.Hear(node);
        _displaced.Clear();
        if (!state.LeafSet.Add(node, _displaced))
        {
            return;
        }

        ring.NeighborChanged(node, NeighborChange.Joined);
        foreach (var gone in _displaced)
        {
            ring.NeighborChanged(gone, NeighborChange.Displaced);
        }

        ring.LeafSetChanged();
    }

    /// <summary>Probes the nodes that a leaf set names and ours would admit.</summary>
    private void Merge(NodeHandle from, LeafSetBody body)
    {
        // Leaf sets of neighbours overlap and run in the same order, so that most of theirs stand where ours are looked at next.
        var ours = state.LeafSet.Members;
        var next = 0;
        while (body.Members.Length > 0 && next < ours.Length && !ReferenceEquals(ours[next], body.Members[0]))
        {
            next++;
        }

        RingGap? gap = state.LeafSet.IsFull ? null : state.LeafSet.FindGap();
        foreach (var node in body.Members)
        {
            if (next < ours.Length && ReferenceEquals(ours[next], node))
            {
                next++;
                continue;
            }

            if (next + 1 < ours.Length && ReferenceEquals(ours[next + 1], node))
            {
                next += 2;
                continue;
            }

            var known = state.LeafSet.Find(node.Id);
            var isNews = known is not null
                ? node.Incarnation > known.Incarnation
                : state.LeafSet.WouldAdmit(node.Id) && !state.Obituaries.Contains(node, state.Now);
            if (!isNews)
            {
                continue;
            }

            if (known is null && gap?.Contains(state.Self.Id, node.Id) == true)
            {
                _inGap.Add(node);
            }
            else
            {
                ring.Probe(node, from);
            }
        }

        if (_inGap.Count > 0)
        {
            ProbeInGap(gap!.Value, from, body.Members);
            _inGap.Clear();
        }

        foreach (var node in body.Failed)
        {
            if (state.LeafSet.Find(node.Id) is { } member && member.Incarnation <= node.Incarnation && IsNewRumor(member))
            {
                ring.Probe(member);
            }
        }
    }

    /// <summary>
    /// Tells whether a member was not looked after lately because others call it failed. After a cut has healed, they do so of many that
    /// live, in each message; and each question asked because of it would bring another such message.
    /// </summary>
    private bool IsNewRumor(NodeHandle member)
    {
        _rumors ??= [];
        if (_rumors.TryGetValue(member.Id, out var heardAt) && state.Now - heardAt < state.Options.ProbeTimeout * (state.Options.ProbeRetries + 1))
        {
            return false;
        }

        if (_rumors.Count > 2 * state.Options.LeafSetSize)
        {
            _rumors.Clear();
        }

        _rumors[member.Id] = state.Now;
        return true;
    }

    /// <summary>
    /// Of the nodes in the gap, those next to its ends may fill the holes: as many as there is room for. Only who knows an end knows who is
    /// next to it; what others name lies somewhere in the middle, and would lead this node around the ring.
    /// </summary>
    private void ProbeInGap(in RingGap gap, NodeHandle informant, NodeHandle[] named)
    {
        var self = state.Self.Id;
        _inGap.Sort((left, right) => self.ClockwiseTo(left.Id).CompareTo(self.ClockwiseTo(right.Id)));
        var clockwise = Knows(gap.Before) ? gap.ClockwiseRoom : 0;
        var counterclockwise = Knows(gap.After) ? gap.CounterclockwiseRoom : 0;
        for (var i = 0; i < _inGap.Count; i++)
        {
            if (i < clockwise || i >= _inGap.Count - counterclockwise)
            {
                ring.Probe(_inGap[i], informant);
            }
        }

        // A leaf set names everybody between its two ends; one that does not reach around its owner names the whole ring.
        bool Knows(NodeHandle? end)
        {
            var (first, last) = (named[0].Id, named[^1].Id);
            var reach = first.ClockwiseTo(last);
            return first.ClockwiseTo(informant.Id) > reach || first.ClockwiseTo(end?.Id ?? self) <= reach;
        }
    }

    /// <summary>
    /// Probes whom the table knows beyond the leaf set. In a ring of so few nodes there is nobody; where a whole side has died at once, these are the way
    /// to the rest of the ring, and without them the node would take what is left for all there is.
    /// </summary>
    private void ProbeTable()
    {
        for (var row = 0; row < state.Table.RowCount; row++)
        {
            foreach (var node in state.Table.Row(row))
            {
                if (state.LeafSet.WouldAdmit(node.Id))
                {
                    ring.Probe(node);
                }
            }
        }
    }

    /// <summary>
    /// Probes the other members after a ring neighbour has gone. The probes name it, so that they look for themselves; the answers name
    /// who takes its place; and who does not answer has failed with it, and is found now rather than one after the other.
    /// </summary>
    public void Announce()
    {
        foreach (var member in state.LeafSet.Members)
        {
            ring.Probe(member);
        }
    }

    /// <summary>Asks the members at the ends of the gap for theirs where a side has room, once for each state of the leaf set.</summary>
    /// <returns>False where there was nobody to ask: the leaf set is as complete as it can be.</returns>
    public bool AskForMissing()
    {
        var leafSet = state.LeafSet;
        if (leafSet.IsFull || leafSet.Members.Length == 0 || _gapAskedAt == leafSet.Version)
        {
            return false;
        }

        _gapAskedAt = leafSet.Version;
        var gap = leafSet.FindGap();
        if (state.IsJoined && (gap.Before is null || gap.After is null))
        {
            ProbeTable();
        }

        var (before, after) = (gap.ClockwiseRoom > 0 ? gap.Before : null, gap.CounterclockwiseRoom > 0 ? gap.After : null);
        if (before is not null)
        {
            ring.Probe(before);
        }

        if (after is not null)
        {
            ring.Probe(after);
        }

        return before is not null || after is not null;
    }
}
