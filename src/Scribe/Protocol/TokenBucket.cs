using P2P.Pastry;

namespace P2P.Scribe.Protocol;

/// <summary>Lets so many messages a second pass, and twice as many at once.</summary>
internal struct TokenBucket(int perSecond, Instant now)
{
    private double _tokens = 2.0 * perSecond;
    private Instant _at = now;

    /// <returns>False where there have been too many.</returns>
    public bool TryTake(int count, int perSecond, Instant now)
    {
        _tokens = Math.Min(2.0 * perSecond, _tokens + (now - _at).TotalSeconds * perSecond);
        _at = now;
        if (_tokens < count)
        {
            return false;
        }

        _tokens -= count;
        return true;
    }
}
