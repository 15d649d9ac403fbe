using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Asks nodes for a sign of life and gives up those that never answer. Nodes that are in the leaf set, or would be, are asked with the
/// leaf set itself, so that the answer brings theirs.
/// </summary>
internal sealed class ProbeSchedule(NodeState state, IRing ring)
{
    private readonly List<Probe> _probes = [];
    private readonly List<NodeHandle> _silent = [];
    private Deadline _deadline = new(TimerKind.Probes);
    private uint _sequence;

    public bool IsIdle => _probes.Count == 0;

    public bool IsProbing(NodeId id) => IndexOf(id) >= 0;

    public void Start(NodeHandle node)
    {
        if (node.Id != state.Self.Id && !IsProbing(node.Id))
        {
            _probes.Add(Send(node, attempt: 0));
        }
    }

    /// <summary>Takes any sign of life.</summary>
    /// <param name="node">Who gave it.</param>
    /// <param name="sequence">The number of the probe that it answers, where it is an answer.</param>
    public void Answered(NodeHandle node, uint? sequence = null)
    {
        var index = IndexOf(node.Id);
        if (index < 0)
        {
            return;
        }

        var probe = _probes[index];
        var isAnswer = sequence == probe.Sequence;
        if (isAnswer)
        {
            state.ObserveRoundTrip(node, state.Now - probe.SentAt);
        }
        else if (probe.WantsLeafSet)
        {
            // It lives, but a newcomer still needs its leaf set.
            return;
        }

        _probes.RemoveAt(index);
        SettleIfIdle();
    }

    /// <summary>Stops waiting for a node that is known to be gone.</summary>
    public void Cancel(NodeId id)
    {
        var index = IndexOf(id);
        if (index >= 0)
        {
            _probes.RemoveAt(index);
            SettleIfIdle();
        }
    }

    /// <summary>Forgets all probes, for a join that starts over.</summary>
    public void Clear()
    {
        _probes.Clear();
        _deadline.Disarm();
    }

    public void Expire(TimerKey timer)
    {
        if (!_deadline.TryTake(timer))
        {
            return;
        }

        for (var i = _probes.Count - 1; i >= 0; i--)
        {
            var probe = _probes[i];
            if (probe.Due > state.Now)
            {
                _deadline.Arm(probe.Due, state.Output);
            }
            else if (probe.Attempt < state.Options.ProbeRetries)
            {
                _probes[i] = Send(probe.Node, probe.Attempt + 1);
            }
            else
            {
                _probes.RemoveAt(i);
                _silent.Add(probe.Node);
            }
        }

        Bury();
    }

    private void Bury()
    {
        if (_silent.Count == 0)
        {
            return;
        }

        NodeHandle[] silent = [.. _silent];
        _silent.Clear();
        foreach (var node in silent)
        {
            ring.Bury(node, NeighborChange.Failed);
        }

        SettleIfIdle();
    }

    private Probe Send(NodeHandle node, int attempt)
    {
        var wantsLeafSet = state.LeafSet.Contains(node.Id) || state.LeafSet.WouldAdmit(node.Id);
        var sequence = ++_sequence;
        if (wantsLeafSet)
        {
            state.Send(node, MessageKind.LeafSetProbe, sequence, state.DescribeLeafSet());
        }
        else
        {
            state.Send(node, MessageKind.Ping, sequence);
        }

        var due = state.Now + state.Options.ProbeTimeout;
        _deadline.Arm(due, state.Output);
        return new Probe(node, sequence, state.Now, due, attempt, wantsLeafSet);
    }

    private void SettleIfIdle()
    {
        if (IsIdle)
        {
            ring.ProbesSettled();
        }
    }

    private int IndexOf(NodeId id)
    {
        for (var i = 0; i < _probes.Count; i++)
        {
            if (_probes[i].Node.Id == id)
            {
                return i;
            }
        }

        return -1;
    }

    private readonly record struct Probe(NodeHandle Node, uint Sequence, Instant SentAt, Instant Due, int Attempt, bool WantsLeafSet);
}
