namespace P2P.Pastry;

/// <summary>
/// Bounds how many messages of others a node traces in a second: whoever sends one can say that it is traced, and each costs whoever collects
/// the spans.
/// </summary>
internal sealed class TraceBudget(int perSecond)
{
    private double _left = perSecond;
    private Instant _refilledAt;

    public bool TryTake(Instant now)
    {
        _left = Math.Min(perSecond, _left + (now - _refilledAt).TotalSeconds * perSecond);
        _refilledAt = now;
        if (_left < 1)
        {
            return false;
        }

        _left--;
        return true;
    }
}
