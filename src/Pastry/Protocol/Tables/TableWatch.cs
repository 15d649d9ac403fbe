namespace P2P.Pastry.Protocol;

/// <summary>
/// Asks the nodes of the routing table for a sign of life, one after the other, so often that a message seldom meets a dead one. How often,
/// follows from the failures seen (MSPastry §4.1): with failures at rate μ a node and a question in each period T, a node is dead and not
/// yet found so with probability 1 − (1 − e^−Tμ)/Tμ. Whoever has spoken in the meantime is not asked, and neither are members of the leaf set,
/// whose deaths are told.
/// </summary>
internal sealed class TableWatch(NodeState state, IRing ring)
{
    private const int FailuresKept = 16;

    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PeriodMin = TimeSpan.FromSeconds(30);

    // Most nodes of a quiet ring never see any.
    private Queue<Instant>? _failures;
    private Deadline _next = new(TimerKind.TableWatch);
    private bool _asksNamed;
    private Instant _startedAt;

    private TimeSpan PeriodMax => state.Options.TableMaintenanceInterval;

    public void Start()
    {
        _startedAt = state.Now;
        Arm();
    }

    /// <summary>Counts a node of the tables that fell silent.</summary>
    public void NoteFailure()
    {
        _failures ??= new(FailuresKept);
        if (_failures.Count == FailuresKept)
        {
            _failures.Dequeue();
        }

        _failures.Enqueue(state.Now);
    }

    public void Expire(TimerKey timer)
    {
        if (!_next.TryTake(timer) || state.HasLeft)
        {
            return;
        }

        // By turns: whoever names ever new ones must not keep this node from asking the others.
        _asksNamed = !_asksNamed;
        if (_asksNamed && state.Table.LongestSilent(state.LeafSet, hasSpoken: false, out _).Node is { } named)
        {
            ring.Probe(named);
        }
        else if (state.Table.LongestSilent(state.LeafSet, hasSpoken: true, out _) is { Node: { } node } cell && cell.SilentFor(state.Now) >= Period())
        {
            ring.Probe(node);
        }

        Arm();
    }

    private void Arm()
    {
        // Whoever was only named by others is asked soon; the others share the period.
        state.Table.LongestSilent(state.LeafSet, hasSpoken: false, out var named);
        state.Table.LongestSilent(state.LeafSet, hasSpoken: true, out var count);
        var pause = named > 0 ? PauseMin : Period() / Math.Max(1, count);
        _next.Arm(state.Now + state.Random.Jitter(pause > PauseMin ? pause : PauseMin, spread: 0.25), state.Output);
    }

    /// <summary>Computes within which time each node of the table should have spoken.</summary>
    private TimeSpan Period()
    {
        // Until there were as many failures as are kept, one more is assumed to happen now: better too often than too seldom.
        var since = _failures?.Count == FailuresKept ? _failures.Peek() : _startedAt;
        var count = Math.Min((_failures?.Count ?? 0) + 1, FailuresKept);
        var watched = Math.Max(1, state.Table.Count + state.LeafSet.Members.Length);
        var seconds = Math.Max(1, (state.Now - since).TotalSeconds);
        var failureRate = count / (seconds * watched);
        // For small Tμ, the probability above is Tμ/2.
        var period = TimeSpan.FromSeconds(Math.Min(2 * state.Options.StaleEntriesMax / failureRate, PeriodMax.TotalSeconds));
        return period > PeriodMin ? period : PeriodMin;
    }
}
