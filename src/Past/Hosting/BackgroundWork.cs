using P2P.Past.Protocol;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>
/// Runs jobs of one sort in the background: a bounded number at a time, while a bounded number waits. The jobs of one peer wait in order, and
/// peers take turns; a peer may have a quarter of the places to wait. Beyond that none is taken, and whoever asks decides what that means.
/// </summary>
/// <param name="activeMax">How many jobs run at a time.</param>
/// <param name="waitingMax">How many jobs may wait.</param>
/// <param name="start">Begins a job on another thread, or later.</param>
/// <param name="failed">Learns what a job threw.</param>
internal sealed class BackgroundWork(int activeMax, int waitingMax, Action<Func<Task>> start, Action<Exception> failed) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly FairQueue<NodeId, Func<Task>> _waiting = new();
    private readonly int _shareMax = Math.Max(1, waitingMax / 4);
    private readonly TaskCompletionSource _ended = new();
    private int _active;
    private bool _isClosed;

    /// <summary>Starts a job of this node's own, or lets it wait for its turn.</summary>
    /// <returns>False where too many wait, or the work has been closed; the job will never run.</returns>
    public bool TryStart(Func<Task> job) => TryStart(default, waitingMax, job);

    /// <summary>Starts a job for a peer, or lets it wait for its turn.</summary>
    /// <returns>False where too many wait, of this peer or in all, or the work has been closed; the job will never run.</returns>
    public bool TryStart(NodeId peer, Func<Task> job) => TryStart(peer, _shareMax, job);

    /// <summary>Takes no more jobs, and waits for those that were taken.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        EndIfDone();
        return new ValueTask(_ended.Task);
    }

    private bool TryStart(NodeId peer, int peerMax, Func<Task> job)
    {
        lock (_gate)
        {
            if (_isClosed || (_active == activeMax && (_waiting.Count == waitingMax || _waiting.CountOf(peer) >= peerMax)))
            {
                return false;
            }

            if (_active == activeMax)
            {
                _waiting.Enqueue(peer, job);
                return true;
            }

            _active++;
        }

        start(() => RunAsync(job));
        return true;
    }

    private async Task RunAsync(Func<Task> job)
    {
        for (var next = job; next is not null; next = Next())
        {
            try
            {
                await next().ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                failed(exception);
            }
        }
    }

    private Func<Task>? Next()
    {
        lock (_gate)
        {
            if (_waiting.TryDequeue(out var next))
            {
                return next;
            }

            _active--;
        }

        EndIfDone();
        return null;
    }

    private void EndIfDone()
    {
        lock (_gate)
        {
            if (!_isClosed || _active > 0)
            {
                return;
            }
        }

        // Outside of the lock: whoever waits may go on within.
        _ended.TrySetResult();
    }
}
