using P2P.Pastry;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Counts what each author sends, and lets no more pass than is allowed. Of more authors than can be remembered, those are forgotten that have been silent for so long that they may send
/// as much as new ones; where there are none, all that are not remembered share what one may send: who makes keys at will gets no more for it.
/// </summary>
internal sealed class AuthorRates(int authorsMax = 1024)
{
    /// <summary>How often it is looked who has been silent.</summary>
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMilliseconds(100);

    private Dictionary<NodeId, TokenBucket>? _buckets;
    private TokenBucket? _others;
    private Instant _sweptAt;

    /// <returns>False where the author has sent too many.</returns>
    public bool TryTake(NodeId author, int count, RateLimit limit, Instant now)
    {
        var bucket = Of(author, limit, now);
        var isTaken = bucket.TryTake(count, limit, now);
        _buckets ??= [];
        if (_buckets.ContainsKey(author) || HasRoom(limit, now))
        {
            _buckets[author] = bucket;
            return isTaken;
        }

        var others = _others ?? new TokenBucket(limit, now);
        isTaken = others.TryTake(count, limit, now);
        _others = others;
        return isTaken;
    }

    /// <summary>How many messages of the author may pass now.</summary>
    public int Left(NodeId author, RateLimit limit, Instant now) => Of(author, limit, now).Left(limit, now);

    private TokenBucket Of(NodeId author, RateLimit limit, Instant now) =>
        _buckets is null ? new TokenBucket(limit, now)
        : _buckets.TryGetValue(author, out var bucket) ? bucket
        : _buckets.Count >= authorsMax && _others is { } others ? others
        : new TokenBucket(limit, now);

    private bool HasRoom(RateLimit limit, Instant now)
    {
        if (_buckets!.Count >= authorsMax && now - _sweptAt >= SweepInterval)
        {
            _sweptAt = now;
            foreach (var (author, bucket) in _buckets)
            {
                if (bucket.IsFull(limit, now))
                {
                    _buckets.Remove(author);
                }
            }
        }

        return _buckets.Count < authorsMax;
    }
}
