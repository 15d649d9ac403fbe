namespace P2P.YouServ.Protocol;

/// <summary>
/// Says when leases may be taken from peers. A coordinator that was away, because it has just started or its machine slept, could not hear heartbeats, and where the clock by
/// which leases end was set, they ended all at once; peers get as long as a lease holds to be heard again.
/// </summary>
internal sealed class LapseGuard(LeaseTerms terms, TimeSpan startedAt, DateTimeOffset startedAtMoment)
{
    private TimeSpan _listeningSince = startedAt;
    private (TimeSpan Time, DateTimeOffset Moment) _lastLook = (startedAt, startedAtMoment);

    /// <summary>Tells whether a lease that has lapsed by the clock was given every chance to be renewed.</summary>
    /// <param name="now">The monotonic time.</param>
    /// <param name="moment">The time by the clock that leases go by.</param>
    public bool MayLapse(TimeSpan now, DateTimeOffset moment)
    {
        if (now - _lastLook.Time > terms.HeartbeatInterval || (moment - _lastLook.Moment).Duration() > terms.HeartbeatInterval)
        {
            _listeningSince = now;
        }

        _lastLook = (now, moment);
        return now - _listeningSince >= terms.Span;
    }
}
