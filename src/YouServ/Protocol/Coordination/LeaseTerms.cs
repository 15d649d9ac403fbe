namespace P2P.YouServ.Protocol;

/// <summary>How long leases hold: a peer that misses two heartbeats in a row has lost its lease when the third would have been due.</summary>
internal sealed class LeaseTerms(TimeSpan heartbeatInterval)
{
    public TimeSpan HeartbeatInterval => heartbeatInterval;

    /// <summary>Half an interval more than two, so that a third heartbeat which is only late still comes in time.</summary>
    public TimeSpan Span => heartbeatInterval * 2.5;
}
