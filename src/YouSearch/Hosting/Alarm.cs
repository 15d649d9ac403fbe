namespace P2P.YouSearch.Hosting;

/// <summary>Lets one loop sleep until there is something to do. Rings that nobody has slept through yet are one.</summary>
internal sealed class Alarm(TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _bell = new(0, 1);

    /// <summary>Wakes the loop, or keeps it from falling asleep once. It never waits, and never fails.</summary>
    public void Ring()
    {
        try
        {
            _bell.Release();
        }
        catch (Exception ignored) when (ignored is SemaphoreFullException or ObjectDisposedException)
        {
            // It rings already, or nobody will sleep any more.
        }
    }

    /// <summary>Sleeps until it rings, for some time at most, or until that is cancelled; which is no failure.</summary>
    public async Task WaitAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var due = Task.Delay(patience, clock, end.Token);
        var rung = _bell.WaitAsync(end.Token);
        await Task.WhenAny(due, rung).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(due, rung).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _bell.Dispose();
}
