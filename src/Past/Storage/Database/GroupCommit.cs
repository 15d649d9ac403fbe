using System.Diagnostics;

namespace P2P.Past;

/// <summary>
/// Lets changes of a database that are asked for at the same time share one transaction, and so one flush of the disk: while one is committed, the
/// next ones gather. A change is durable when its call returns.
/// </summary>
/// <remarks>A change that fails takes no other one with it: what was to be committed together is then done one by one.</remarks>
internal sealed class GroupCommit(DatabaseWriter writer, StorageFailure failure) : IAsyncDisposable
{
    /// <summary>More changes than this wait before they are taken.</summary>
    private const int WaitingMax = 1024;

    private const int TogetherMax = 256;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _places = new(WaitingMax);
    private readonly DiskQueue _thread = new(maxThreads: 1);
    private readonly List<Change> _waiting = [];
    private bool _committing;
    private bool _hasRemoved;
    private bool _closed;

    /// <summary>Makes a change, together with others.</summary>
    /// <param name="id">The replica that is changed, for what is said when the disk refuses.</param>
    /// <param name="change">The change, which is done once or, where others fail, more than once, of which one counts.</param>
    /// <param name="removes">Whether it leaves room behind.</param>
    /// <param name="cancellationToken">Gives up as long as the change is not begun.</param>
    public async ValueTask RunAsync(FileId id, Action<DatabaseWriter> change, bool removes = false, CancellationToken cancellationToken = default)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var waiting = new Change(id, change, cancellationToken);
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_closed, typeof(IReplicaStore));
                _hasRemoved |= removes;
                _waiting.Add(waiting);
                if (!_committing)
                {
                    _committing = true;
                    _ = _thread.RunAsync(CommitAll, CancellationToken.None);
                }
            }

            await waiting.Outcome.Task.ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>Takes no more changes, and waits until those that were asked for are durable.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closed = true;
        }

        await _thread.DisposeAsync().ConfigureAwait(false);
        writer.Dispose();
    }

    private bool CommitAll()
    {
        while (true)
        {
            Change[] together;
            lock (_gate)
            {
                if (_waiting.Count == 0 && (_closed || !_hasRemoved))
                {
                    _committing = false;
                    return true;
                }

                together = [.. _waiting.Take(TogetherMax)];
                _waiting.RemoveRange(0, together.Length);
            }

            if (together.Length > 0)
            {
                Commit(together);
            }
            else
            {
                Shrink();
            }
        }
    }

    private void Commit(ReadOnlySpan<Change> together)
    {
        try
        {
            writer.Begin();
            foreach (var change in together)
            {
                change.Make(writer);
            }

            writer.Commit();
        }
        catch (Exception exception)
        {
            writer.Rollback();
            if (together.Length == 1)
            {
                together[0].Fail(StorageFailure.Is(exception) ? failure.Of(together[0].Id, exception) : exception);
                return;
            }

            for (var place = 0; place < together.Length; place++)
            {
                Commit(together.Slice(place, 1));
            }

            return;
        }

        foreach (var change in together)
        {
            change.Succeed();
        }
    }

    /// <summary>Gives room back while there is nothing else to do.</summary>
    private void Shrink()
    {
        var more = false;
        try
        {
            more = writer.Shrink();
        }
        catch (Exception exception) when (StorageFailure.Is(exception))
        {
            // It is used for what is stored next, and given back another time.
        }

        lock (_gate)
        {
            _hasRemoved = more;
        }
    }

    private sealed class Change(FileId id, Action<DatabaseWriter> change, CancellationToken cancellationToken)
    {
        private bool _isCancelled;

        public FileId Id => id;

        public TaskCompletionSource Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Make(DatabaseWriter writer)
        {
            _isCancelled = cancellationToken.IsCancellationRequested;
            if (!_isCancelled)
            {
                change(writer);
            }
        }

        public void Succeed()
        {
            Debug.Assert(!Outcome.Task.IsCompleted, "A change has one outcome.");
            if (_isCancelled)
            {
                Outcome.SetCanceled(cancellationToken);
            }
            else
            {
                Outcome.SetResult();
            }
        }

        public void Fail(Exception exception) => Outcome.SetException(exception);
    }
}
