namespace P2P.Pastry;

/// <summary>Wakes a node's loop when its next timer is due. The loop arms it; it goes off on a thread of the clock's.</summary>
internal sealed class WakeUp
{
    /// <summary>Clocks take no longer spans than some weeks. Going off early does no harm: the loop arms it anew.</summary>
    private static readonly TimeSpan SpanMax = TimeSpan.FromDays(1);

    private readonly ITimer _timer;
    private readonly Action _wake;
    private long _armedFor = Instant.Never.Ticks;

    public WakeUp(TimeProvider time, Action wake)
    {
        _wake = wake;
        _timer = time.CreateTimer(static state => ((WakeUp)state!).GoOff(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sets when to go off next, in place of what was set before.</summary>
    /// <param name="due">When; never lets it rest.</param>
    /// <param name="now">The instant that it is.</param>
    public void Arm(Instant due, Instant now)
    {
        if (Interlocked.Exchange(ref _armedFor, due.Ticks) == due.Ticks)
        {
            return;
        }

        _timer.Change(due == Instant.Never ? Timeout.InfiniteTimeSpan : SpanUntil(due, now), Timeout.InfiniteTimeSpan);
    }

    public ValueTask StopAsync() => _timer.DisposeAsync();

    /// <summary>
    /// Timers of the platform cut their spans to whole milliseconds, and one that goes off before it is due would be set again at once, over
    /// and over; so the span is the next whole millisecond.
    /// </summary>
    private static TimeSpan SpanUntil(Instant due, Instant now)
    {
        if (due <= now)
        {
            return TimeSpan.Zero;
        }

        var span = due - now;
        return span >= SpanMax ? SpanMax : TimeSpan.FromMilliseconds((span.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond);
    }

    private void GoOff()
    {
        // First: whether the loop hears of it or is at work already, it has to arm the timer anew.
        Interlocked.Exchange(ref _armedFor, Instant.Never.Ticks);
        _wake();
    }
}
