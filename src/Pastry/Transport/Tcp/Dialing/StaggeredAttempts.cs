namespace P2P.Pastry.Transport.Tcp;

/// <summary>
/// Makes attempts in their order, each with a head start before the next is made beside it, and hands over what they give as they succeed: a
/// dead address costs a moment, not a time-out (RFC 8305, "Happy Eyeballs").
/// </summary>
/// <remarks>
/// An attempt that fails makes room for the next at once. Nothing is begun while nobody waits for a success, so that whoever tries out what it was
/// given is not raced by more of it. For one reader. Disposal gives up what is under way, and disposes of what comes of it all the same.
/// </remarks>
internal sealed class StaggeredAttempts<T>(IReadOnlyList<Func<CancellationToken, Task<T>>> attempts, TimeSpan headStart, TimeProvider time) : IAsyncDisposable
    where T : class, IDisposable
{
    private readonly CancellationTokenSource _givingUp = new();
    private readonly List<Task<T>> _underway = [];
    private readonly List<Exception> _failures = [];
    private int _begun;

    /// <summary>Why attempts failed, in the order in which they did.</summary>
    public IReadOnlyList<Exception> Failures => _failures;

    /// <summary>Waits for the next success; null when no attempt is left.</summary>
    public async Task<T?> NextAsync(CancellationToken cancellationToken)
    {
        using var cancelling = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _givingUp);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_underway.Find(attempt => attempt.IsCompleted) is { } ended)
            {
                _underway.Remove(ended);
                try
                {
                    return await ended.ConfigureAwait(false);
                }
                catch (Exception exception)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    _failures.Add(exception);
                }

                TryBegin();
            }
            else if (_underway.Count == 0)
            {
                if (!TryBegin())
                {
                    return null;
                }
            }
            else
            {
                await WhenAnyAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _givingUp.CancelAsync().ConfigureAwait(false);
        foreach (var attempt in _underway)
        {
            try
            {
                (await attempt.ConfigureAwait(false)).Dispose();
            }
            catch (Exception)
            {
                // Nobody is interested any more.
            }
        }

        _givingUp.Dispose();
    }

    private bool TryBegin()
    {
        if (_begun == attempts.Count)
        {
            return false;
        }

        _underway.Add(attempts[_begun++](_givingUp.Token));
        return true;
    }

    /// <summary>Waits until an attempt ends, or until the last one has had its head start and another has been begun.</summary>
    private async Task WhenAnyAsync(CancellationToken cancellationToken)
    {
        if (_begun == attempts.Count)
        {
            await Task.WhenAny(_underway).ConfigureAwait(false);
            return;
        }

        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var lead = Task.Delay(headStart, time, done.Token);
        if (await Task.WhenAny([lead, .. _underway]).ConfigureAwait(false) == lead && !cancellationToken.IsCancellationRequested)
        {
            TryBegin();
        }

        await done.CancelAsync().ConfigureAwait(false);
    }
}
