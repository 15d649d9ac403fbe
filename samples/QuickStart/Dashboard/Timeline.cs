namespace QuickStart.Dashboard;

/// <summary>Keeps how many replicas lacked in the last minutes, and what happened to nodes. Safe for concurrent use.</summary>
internal sealed class Timeline(TimeProvider time)
{
    private const int SamplesMax = 360;

    private const int HappeningsMax = 60;

    /// <summary>Nodes notice within a lease and some probes. A stop that nobody has noticed by then concerned nobody.</summary>
    private static readonly TimeSpan NoticePatience = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private readonly long _began = time.GetTimestamp();
    private readonly Queue<Sample> _samples = [];
    private readonly Queue<Happening> _happenings = [];
    private readonly Dictionary<string, double> _unnoticed = [];
    private double? _lackingSince;
    private bool _hasLacked;

    /// <summary>Seconds since it began.</summary>
    public double Now => Math.Round(time.GetElapsedTime(_began).TotalSeconds, 2);

    public IReadOnlyList<Sample> Samples
    {
        get
        {
            lock (_gate)
            {
                return [.. _samples];
            }
        }
    }

    public IReadOnlyList<Happening> Happenings
    {
        get
        {
            lock (_gate)
            {
                return [.. _happenings];
            }
        }
    }

    public void Start(int node, string id) => Add("started", node, $"Node {id} started");

    /// <summary>Something that somebody wanted has failed.</summary>
    public void Fail(string text) => Add("failed", node: -1, text);

    /// <summary>A node was stopped, which the others are to notice.</summary>
    /// <param name="node">Its number.</param>
    /// <param name="id">Its id, shortened.</param>
    /// <param name="wasReady">Whether it took part already: nobody misses one that did not.</param>
    public void Stop(int node, string id, bool wasReady)
    {
        lock (_gate)
        {
            if (wasReady)
            {
                _unnoticed[id] = Now;
            }

            _lackingSince ??= Now;
        }

        Add("stopped", node, $"Node {id} stopped dead");
    }

    /// <summary>Somebody has found out that a node is gone; the first one counts.</summary>
    public void Notice(int node, string id)
    {
        double stoppedAt;
        lock (_gate)
        {
            if (!_unnoticed.Remove(id, out stoppedAt))
            {
                return;
            }
        }

        Add("noticed", node, FormattableString.Invariant($"Node {id} missed after {Now - stoppedAt:f1} s"));
    }

    /// <summary>Takes how it stands with the replicas.</summary>
    /// <param name="lacking">How many replicas of all files lack.</param>
    /// <param name="below">How many files have fewer than they should.</param>
    /// <param name="lost">How many have none.</param>
    public void Take(int lacking, int below, int lost)
    {
        double? since = null;
        lock (_gate)
        {
            _samples.Enqueue(new(Now, lacking, below, lost));
            if (_samples.Count > SamplesMax)
            {
                _samples.Dequeue();
            }

            if (below > 0)
            {
                (_hasLacked, _lackingSince) = (true, _lackingSince ?? Now);
            }
            else if (IsNoticed())
            {
                (since, _lackingSince, _hasLacked) = (_hasLacked ? _lackingSince : null, null, false);
            }
        }

        if (since is { } began)
        {
            Add("repaired", node: -1, FormattableString.Invariant($"All replicas are back, after {Now - began:f1} s"));
        }
    }

    private bool IsNoticed()
    {
        foreach (var (id, stoppedAt) in _unnoticed)
        {
            if (Now - stoppedAt > NoticePatience.TotalSeconds)
            {
                _unnoticed.Remove(id);
            }
        }

        return _unnoticed.Count == 0;
    }

    private void Add(string kind, int node, string text)
    {
        lock (_gate)
        {
            _happenings.Enqueue(new(Now, kind, node, text));
            if (_happenings.Count > HappeningsMax)
            {
                _happenings.Dequeue();
            }
        }
    }

    internal readonly record struct Sample(double At, int Lacking, int Below, int Lost);

    internal readonly record struct Happening(double At, string Kind, int Node, string Text);
}
