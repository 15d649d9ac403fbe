namespace P2P.YouSearch.Protocol;

/// <summary>
/// Decides which site a search asks next, and how long it waits for each: many at once, but not all, so that neither the asking machine nor its line is flooded; and those that are slow or dead hold up nobody.
/// </summary>
/// <remarks>
/// Whoever drives it calls <see cref="TryNext"/> until it gives nothing, then waits for an answer or for <see cref="Due"/>, says what has come by <see cref="Answered"/>, for one that cannot be asked as well, calls
/// <see cref="Expire"/>, and begins anew, until <see cref="IsDone"/>. Outcomes of sites that are no longer waited for are passed over.
/// </remarks>
/// <typeparam name="TSite">What names a site.</typeparam>
internal sealed class FanOut<TSite>
    where TSite : notnull
{
    private readonly FanOutLimits _limits;
    private readonly TimeSpan _end;
    private readonly Queue<TSite> _waiting = new();
    private readonly Dictionary<TSite, Asked> _asked = [];

    /// <summary>In the order in which they were asked, which is that of their deadlines. Those that have answered stay until they come to the front.</summary>
    private readonly Queue<Asked> _byDeadline = new();
    private readonly Queue<Asked> _bySlowness = new();
    private int _slow;

    /// <param name="limits">The bounds.</param>
    /// <param name="now">The moment at which the search begins.</param>
    public FanOut(FanOutLimits limits, TimeSpan now) => (_limits, _end) = (limits, now + limits.Deadline);

    /// <summary>How many sites have been asked and not been heard of.</summary>
    public int Outstanding => _asked.Count;

    /// <summary>Whether nothing is to be waited for.</summary>
    public bool IsDone => _waiting.Count == 0 && _asked.Count == 0;

    /// <summary>When to call <see cref="Expire"/> at the latest.</summary>
    public TimeSpan Due
    {
        get
        {
            var due = _end;
            if (Head(_byDeadline) is { } first && first.At + _limits.SiteDeadline < due)
            {
                due = first.At + _limits.SiteDeadline;
            }

            // Only those who wait for a turn gain by others' slowness.
            return _waiting.Count > 0 && Head(_bySlowness) is { } slow && slow.At + _limits.SlowAfter < due ? slow.At + _limits.SlowAfter : due;
        }
    }

    /// <summary>Adds a site that is to be asked.</summary>
    public void Add(TSite site) => _waiting.Enqueue(site);

    /// <summary>Gives the next site to ask now.</summary>
    /// <returns>Whether there is one.</returns>
    public bool TryNext(TimeSpan now, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TSite site)
    {
        if (now >= _end || _asked.Count - _slow >= _limits.Together || _asked.Count >= _limits.OutstandingMax || !_waiting.TryDequeue(out site))
        {
            site = default;
            return false;
        }

        var asked = new Asked(site, now);
        _asked[site] = asked;
        _byDeadline.Enqueue(asked);
        _bySlowness.Enqueue(asked);
        return true;
    }

    /// <summary>Says that a site has answered, or that it cannot be asked.</summary>
    /// <returns>Whether that was waited for.</returns>
    public bool Answered(TSite site)
    {
        if (!_asked.Remove(site, out var asked))
        {
            return false;
        }

        asked.HasEnded = true;
        _slow -= asked.IsSlow ? 1 : 0;
        return true;
    }

    /// <summary>Gives up those that have had their time; at the end all, those too that had no turn.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="silent">Receives the sites that were asked and have not answered.</param>
    /// <param name="unasked">Receives the sites that had no turn.</param>
    public void Expire(TimeSpan now, List<TSite> silent, List<TSite> unasked)
    {
        while (Head(_bySlowness) is { } slow && slow.At + _limits.SlowAfter <= now)
        {
            _bySlowness.Dequeue();
            slow.IsSlow = true;
            _slow++;
        }

        while (Head(_byDeadline) is { } first && (first.At + _limits.SiteDeadline <= now || now >= _end))
        {
            Answered(first.Site);
            silent.Add(first.Site);
        }

        if (now >= _end)
        {
            unasked.AddRange(_waiting);
            _waiting.Clear();
        }
    }

    /// <summary>Gives the first of a queue that is still waited for.</summary>
    private static Asked? Head(Queue<Asked> queue)
    {
        while (queue.TryPeek(out var first))
        {
            if (!first.HasEnded)
            {
                return first;
            }

            queue.Dequeue();
        }

        return null;
    }

    private sealed class Asked(TSite site, TimeSpan at)
    {
        public TSite Site => site;

        public TimeSpan At => at;

        public bool IsSlow { get; set; }

        public bool HasEnded { get; set; }
    }
}
