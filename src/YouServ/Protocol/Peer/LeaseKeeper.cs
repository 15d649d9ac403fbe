namespace P2P.YouServ.Protocol;

/// <summary>
/// Decides what a peer does so that the name of its site points at it: ask for a lease, send heartbeats, ask again when the lease is lost. Its owner reads the next step and when
/// it is due, takes it, and says what came of it.
/// </summary>
internal sealed class LeaseKeeper
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan UnreachablePause = TimeSpan.FromSeconds(30);

    private TimeSpan _heartbeatInterval;
    private int _failures;

    /// <summary>What to do next.</summary>
    public LeaseStep Next { get; private set; } = LeaseStep.None;

    /// <summary>When to do it, in monotonic time.</summary>
    public TimeSpan Due { get; private set; }

    /// <summary>The lease that the peer holds; null without one.</summary>
    public string? LeaseId { get; private set; }

    /// <summary>The user is signed in, or the peer's address has changed.</summary>
    public void Begin(TimeSpan now) => (Next, Due, _failures) = (LeaseStep.Ask, now, 0);

    /// <summary>The user has signed out, or the sign-in has ended.</summary>
    public void End() => (Next, LeaseId) = (LeaseStep.None, null);

    /// <summary>The lease was granted.</summary>
    public void Granted(string leaseId, TimeSpan heartbeatInterval, TimeSpan now)
    {
        (LeaseId, _heartbeatInterval, _failures) = (leaseId, heartbeatInterval, 0);
        (Next, Due) = (LeaseStep.Heartbeat, now + heartbeatInterval);
    }

    /// <summary>The lease was renewed.</summary>
    public void Renewed(TimeSpan heartbeatInterval, TimeSpan now) => Granted(LeaseId!, heartbeatInterval, now);

    /// <summary>The lease is the peer's no more: it lapsed, or another machine of the user's has the name. The latter stays so until the user says otherwise.</summary>
    public void Lost(bool isReplaced, TimeSpan now)
    {
        LeaseId = null;
        (Next, Due) = isReplaced ? (LeaseStep.None, now) : (LeaseStep.Ask, now);
    }

    /// <summary>Nobody can reach the peer, or the coordinator does not want to try. A firewall may be opened meanwhile.</summary>
    /// <param name="due">When to ask again; null for when it is usual.</param>
    /// <param name="now">The monotonic time.</param>
    public void Unreachable(TimeSpan? due, TimeSpan now)
    {
        LeaseId = null;
        (Next, Due) = (LeaseStep.Ask, due ?? now + UnreachablePause);
    }

    /// <summary>No coordinator answers. A heartbeat is tried again soon, since the lease may still hold; all peers of a coordinator that was away come back spread over time.</summary>
    /// <param name="now">The monotonic time.</param>
    /// <param name="random">Uniform from 0 to 1.</param>
    public void Failed(TimeSpan now, double random)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(_failures++, 6));
        var bound = Next == LeaseStep.Heartbeat ? _heartbeatInterval / 2 : PauseMax;
        pause = pause < bound ? pause : bound;
        Due = now + (pause * (0.5 + random));
    }
}
