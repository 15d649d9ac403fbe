using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Asks nodes for a sign of life and gives up those that never answer. Nodes that are in the leaf set, or would be, are asked with the
/// leaf set itself, so that the answer brings theirs.
/// </summary>
/// <remarks>
/// Of the nodes that others name, no more are asked at a time than honest leaf sets hold: whoever names thousands that do not exist makes
/// this node contact few of them.
/// </remarks>
internal sealed class ProbeSchedule(NodeState state, IRing ring)
{
    /// <summary>How many leaf sets' worth of named nodes may be awaited at a time.</summary>
    private const int InformantsMax = 8;

    private const int IdleCapacity = 4;

    private readonly List<Probe> _probes = [];
    private readonly List<NodeHandle> _silent = [];
    private Deadline _deadline = new(TimerKind.Probes);
    private uint _sequence;

    public int Count => _probes.Count;

    public bool IsIdle => _probes.Count == 0;

    private int NamedMax => state.Options.LeafSetSize + 1;

    /// <summary>Asks a node, unless its answer is awaited already.</summary>
    /// <param name="node">The node.</param>
    /// <param name="informant">Who named it, or null where this node knows it by itself.</param>
    public void Start(NodeHandle node, NodeHandle? informant = null)
    {
        if (node.Id != state.Self.Id && !_probes.Exists(probe => probe.Node.Equals(node)) && (informant is null || MayAsk(informant)))
        {
            _probes.Add(Send(node, attempt: 0, informant));
        }
    }

    /// <summary>Takes any sign of life.</summary>
    /// <param name="node">Who gave it.</param>
    /// <param name="sequence">The number of the probe that it answers, where it is an answer.</param>
    public void Answered(NodeHandle node, uint? sequence = null)
    {
        if (_probes.Count == 0)
        {
            return;
        }

        var before = _probes.Count;
        for (var i = before - 1; i >= 0; i--)
        {
            var probe = _probes[i];
            if (!IsOf(node, probe))
            {
                continue;
            }

            if (sequence == probe.Sequence)
            {
                state.MeasureRoundTrip(node, state.Now - probe.SentAt);
            }

            // One that lives without answering yet is not enough for a newcomer: it still needs the leaf set. An answer to an earlier attempt is one.
            if ((sequence >= probe.FirstSequence && sequence <= probe.Sequence) || !probe.WantsLeafSet)
            {
                _probes.RemoveAt(i);
            }
            else
            {
                _probes[i] = probe with { HasSpoken = true };
            }
        }

        if (_probes.Count < before)
        {
            SettleIfIdle();
        }
    }

    /// <summary>Stops waiting for a node that is known to be gone.</summary>
    public void Cancel(NodeHandle node)
    {
        if (_probes.RemoveAll(probe => IsOf(node, probe)) > 0)
        {
            SettleIfIdle();
        }
    }

    public void Expire(TimerKey timer)
    {
        if (!_deadline.TryTake(timer))
        {
            return;
        }

        var isOver = false;
        for (var i = _probes.Count - 1; i >= 0; i--)
        {
            var probe = _probes[i];
            if (probe.Due > state.Now)
            {
                _deadline.Arm(probe.Due, state.Output);
            }
            else if (probe.Attempt < state.Options.ProbeRetries)
            {
                _probes[i] = Send(probe.Node, probe.Attempt + 1, probe.Informant) with { FirstSequence = probe.FirstSequence };
            }
            else
            {
                _probes.RemoveAt(i);
                isOver = true;
                if (probe.HasSpoken)
                {
                    state.Suspects.Remove(probe.Node);
                }
                else
                {
                    _silent.Add(probe.Node);
                }
            }
        }

        if (isOver)
        {
            Bury();
        }
    }

    /// <summary>Gives up those that were silent. One that has spoken without answering is busy, or keeps its leaf set to itself: it is not dead.</summary>
    private void Bury()
    {
        NodeHandle[] silent = [.. _silent];
        _silent.Clear();
        foreach (var node in silent)
        {
            ring.Bury(node, NeighborChange.Failed);
        }

        SettleIfIdle();
    }

    private Probe Send(NodeHandle node, int attempt, NodeHandle? informant)
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
        return new Probe(node, sequence, sequence, state.Now, due, attempt, wantsLeafSet, informant);
    }

    private void SettleIfIdle()
    {
        if (!IsIdle)
        {
            return;
        }

        if (_probes.Capacity > IdleCapacity)
        {
            // It was large while the node joined or mended its leaf set, and will not be for long.
            _probes.Capacity = 0;
        }

        ring.ProbesSettled();
    }

    private bool MayAsk(NodeHandle informant)
    {
        int named = 0, byInformant = 0;
        foreach (var probe in _probes)
        {
            named += probe.Informant is null ? 0 : 1;
            byInformant += informant.Equals(probe.Informant) ? 1 : 0;
        }

        return byInformant < NamedMax && named < InformantsMax * NamedMax;
    }

    /// <summary>A node answers for its earlier lives, which are over, but not for later ones that others only claim.</summary>
    private static bool IsOf(NodeHandle node, in Probe probe) => probe.Node.Id == node.Id && probe.Node.Incarnation <= node.Incarnation;

    private readonly record struct Probe(
        NodeHandle Node, uint FirstSequence, uint Sequence, Instant SentAt, Instant Due, int Attempt, bool WantsLeafSet, NodeHandle? Informant)
    {
        /// <summary>Tells whether it said something else since the last attempt.</summary>
        public bool HasSpoken { get; init; }
    }
}
