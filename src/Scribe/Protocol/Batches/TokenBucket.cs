using P2P.Pastry;

namespace P2P.Scribe.Protocol;

/// <summary>Says how many messages of an author may pass.</summary>
/// <param name="PerSecond">How many a second.</param>
/// <param name="AtOnce">How many at once after silence.</param>
internal readonly record struct RateLimit(double PerSecond, double AtOnce)
{
    /// <summary>What an author may publish: of a second twice as many at once.</summary>
    public static RateLimit OfAuthor(GroupPolicy policy) => new(policy.MessagesPerSecondMax, 2.0 * policy.MessagesPerSecondMax);

    /// <summary>
    /// What neighbours may bring of an author where messages crawl: twice as much, so that what its own node has let pass passes everywhere, and ten seconds of
    /// it at once, since one that was behind catches up.
    /// </summary>
    public static RateLimit OfNeighbors(GroupPolicy policy) => new(2.0 * policy.MessagesPerSecondMax, 20.0 * policy.MessagesPerSecondMax);
}

/// <summary>Lets so many messages a second pass.</summary>
internal struct TokenBucket(RateLimit limit, Instant now)
{
    private double _tokens = limit.AtOnce;
    private Instant _at = now;

    /// <returns>False where there have been too many.</returns>
    public bool TryTake(int count, RateLimit limit, Instant now)
    {
        (_tokens, _at) = (TokensAt(limit, now), now);
        if (_tokens < count)
        {
            return false;
        }

        _tokens -= count;
        return true;
    }

    /// <summary>How many may pass now.</summary>
    public readonly int Left(RateLimit limit, Instant now) => (int)Math.Min(int.MaxValue, TokensAt(limit, now));

    /// <summary>Whether as many may pass as after any silence.</summary>
    public readonly bool IsFull(RateLimit limit, Instant now) => TokensAt(limit, now) >= limit.AtOnce;

    private readonly double TokensAt(RateLimit limit, Instant now) => Math.Min(limit.AtOnce, _tokens + (now - _at).TotalSeconds * limit.PerSecond);
}
