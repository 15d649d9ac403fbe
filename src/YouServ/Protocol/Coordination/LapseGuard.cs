namespace P2P.YouServ.Protocol;

/// <summary>
/// Says when leases may be taken from peers. A coordinator that was away, because it has just started or its machine slept, could not hear heartbeats; peers get as long as a
/// lease holds to be heard again.
/// </summary>
internal sealed class LapseGuard(LeaseTerms terms, TimeSpan startedAt)
{
    private TimeSpan _listeningSince = startedAt;
    private TimeSpan _lastLook = startedAt;

    /// <summary>Tells whether a lease that has lapsed by the clock was given every chance to be renewed.</summary>
    /// <param name="now">The monotonic time.</param>
    public bool MayLapse(TimeSpan now)
    {
        if (now - _lastLook > terms.HeartbeatInterval)
        {
            _listeningSince = now;
        }

        _lastLook = now;
        return now - _listeningSince >= terms.Span;
    }
}
