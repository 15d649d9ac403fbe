namespace P2P.YouServ.Protocol;

/// <summary>
/// Decides when a peer that nobody can reach looks for somebody who carries its connections, whom it asks last, and when it finds out whether it can be reached after all. Chance spreads peers of one proxy that has gone.
/// </summary>
internal sealed class ProxyPace
{
    private const int AvoidedMax = 8;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DirectPause = TimeSpan.FromMinutes(5);

    /// <summary>A tunnel that has held so long was a good one: its end says nothing of the next.</summary>
    private static readonly TimeSpan Steady = TimeSpan.FromMinutes(1);

    private readonly List<string> _avoided = [];
    private TimeSpan _openedAt;
    private int _failures;

    /// <summary>The sites whose peers have failed lately, and are asked where nobody else is there.</summary>
    public IReadOnlyCollection<string> Avoided => _avoided;

    /// <summary>When to find out whether the peer can be reached directly: a firewall may have been opened.</summary>
    public TimeSpan DirectDue { get; private set; }

    /// <summary>A proxy carries the peer's connections.</summary>
    /// <param name="now">The monotonic time.</param>
    /// <param name="random">Uniform from 0 to 1.</param>
    public void Opened(TimeSpan now, double random)
    {
        _openedAt = now;
        DirectFailed(now, random);
    }

    /// <summary>The tunnel has ended by itself.</summary>
    /// <param name="proxy">The site whose peer carried it.</param>
    /// <param name="now">The monotonic time.</param>
    /// <param name="random">Uniform from 0 to 1.</param>
    /// <returns>When to look for another: at once, but for chance, if this one has held.</returns>
    public TimeSpan Lost(string proxy, TimeSpan now, double random)
    {
        Avoid(proxy);
        if (now - _openedAt >= Steady)
        {
            _failures = 0;
        }

        return Failed(now, random);
    }

    /// <summary>Nobody was found who carries the peer's connections.</summary>
    /// <returns>When to look again: later each time.</returns>
    public TimeSpan Failed(TimeSpan now, double random)
    {
        var failures = _failures;
        _failures = Math.Min(_failures + 1, 10);
        if (failures == 0)
        {
            return now + (FirstPause * random);
        }

        var pause = FirstPause * Math.Pow(2, failures - 1);
        return now + ((pause < PauseMax ? pause : PauseMax) * (0.5 + random));
    }

    /// <summary>Asks a proxy last from now on: it failed, or it is leaving.</summary>
    public void Avoid(string proxy)
    {
        _avoided.Remove(proxy);
        _avoided.Add(proxy);
        if (_avoided.Count > AvoidedMax)
        {
            _avoided.RemoveAt(0);
        }
    }

    /// <summary>Nobody else was there: those who failed are asked again.</summary>
    public void Forgive() => _avoided.Clear();

    /// <summary>The network has changed: the direct way is tried at once.</summary>
    public void TryDirectly(TimeSpan now) => DirectDue = now;

    /// <summary>The peer still cannot be reached directly.</summary>
    public void DirectFailed(TimeSpan now, double random) => DirectDue = now + (DirectPause * (0.5 + random));
}
