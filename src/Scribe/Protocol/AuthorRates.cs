using P2P.Pastry;

namespace P2P.Scribe.Protocol;

/// <summary>Counts what each author sends, and lets no more pass than is allowed. Of more authors than can be remembered, all begin anew.</summary>
internal sealed class AuthorRates(int authorsMax = 1024)
{
    private Dictionary<NodeId, TokenBucket>? _buckets;

    /// <returns>False where the author has sent too many.</returns>
    public bool TryTake(NodeId author, int count, RateLimit limit, Instant now)
    {
        var bucket = Of(author, limit, now);
        var isTaken = bucket.TryTake(count, limit, now);
        _buckets ??= [];
        if (_buckets.Count >= authorsMax && !_buckets.ContainsKey(author))
        {
            _buckets.Clear();
        }

        _buckets[author] = bucket;
        return isTaken;
    }

    /// <summary>How many messages of the author may pass now.</summary>
    public int Left(NodeId author, RateLimit limit, Instant now) => Of(author, limit, now).Left(limit, now);

    private TokenBucket Of(NodeId author, RateLimit limit, Instant now) =>
        _buckets is not null && _buckets.TryGetValue(author, out var bucket) ? bucket : new TokenBucket(limit, now);
}
