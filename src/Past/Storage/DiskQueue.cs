namespace P2P.Past;

/// <summary>
/// Runs blocking work of one store on a few threads of its own. Waiting for a disk takes milliseconds; on the shared pool, a handful of
/// such waits would stop everything else that the process does.
/// </summary>
/// <remarks>
/// Threads start when there is work for them and end when there was none for a while. The queue is as long as there are callers waiting.
/// </remarks>
internal sealed class DiskQueue(int maxThreads) : IAsyncDisposable
{
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);

    // A monitor, not a Lock: idle threads wait on it.
    private readonly object _gate = new();
    private readonly Queue<Action> _waiting = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _threads;
    private int _idle;
    private bool _closed;

    /// <summary>Runs work after what was queued before; what it throws, the caller gets.</summary>
    /// <exception cref="ObjectDisposedException">The queue is closed.</exception>
    public Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken = default)
    {
        var outcome = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(IReplicaStore));
            _waiting.Enqueue(() => Complete(outcome, work, cancellationToken));
            if (_idle >= _waiting.Count)
            {
                Monitor.Pulse(_gate);
            }
            else if (_threads < maxThreads)
            {
                _threads++;
                new Thread(Work) { IsBackground = true, Name = "p2p.past disk" }.Start();
            }
        }

        return outcome.Task;
    }

    /// <summary>Takes no more work, and waits for what was queued.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
            if (_threads == 0)
            {
                _ended.TrySetResult();
            }
        }

        return new ValueTask(_ended.Task);
    }

    private static void Complete<T>(TaskCompletionSource<T> outcome, Func<T> work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            outcome.SetCanceled(cancellationToken);
            return;
        }

        try
        {
            outcome.SetResult(work());
        }
        catch (OperationCanceledException exception)
        {
            outcome.SetCanceled(exception.CancellationToken);
        }
        catch (Exception exception)
        {
            outcome.SetException(exception);
        }
    }

    private void Work()
    {
        while (Next() is { } work)
        {
            work();
        }
    }

    /// <summary>Waits for work; null ends the thread.</summary>
    private Action? Next()
    {
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                _idle++;
                var woken = !_closed && Monitor.Wait(_gate, Linger);
                _idle--;
                if (!woken && _waiting.Count == 0)
                {
                    _threads--;
                    if (_closed && _threads == 0)
                    {
                        _ended.TrySetResult();
                    }

                    return null;
                }
            }

            return _waiting.Dequeue();
        }
    }
}
