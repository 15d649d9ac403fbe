using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace P2P.YouServ.Storage;

/// <summary>
/// Writes to a database from one place. What has come while the disk was busy becomes durable together, by one commit: a flush costs the same for one change and for a
/// hundred. A piece of work that fails has no effect, and does not touch the others.
/// </summary>
internal sealed class SqliteGroupCommit : IAsyncDisposable
{
    private const int WaitingMax = 4096;
    private const int TogetherMax = 512;

    private readonly Channel<IWork> _waiting = Channel.CreateBounded<IWork>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });
    private readonly SqlSession _session;
    private readonly Task _writing;

    public SqliteGroupCommit(SqlSession session)
    {
        _session = session;

        // SQLite waits for the disk on the thread that calls it, which those that answer requests must not do.
        _writing = Task.Factory.StartNew(Write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Runs work within the next transaction. Completes when that is durable; waits for room where too much is waiting.</summary>
    public async ValueTask<T> RunAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        var waiting = new Work<T>(work);
        try
        {
            await _waiting.Writer.WriteAsync(waiting, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SqliteCoordinatorStore));
        }

        return await waiting.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
        await _session.DisposeAsync().ConfigureAwait(false);
    }

    private void Write()
    {
        var together = new List<IWork>();
        while (_waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (together.Count < TogetherMax && _waiting.Reader.TryRead(out var work))
            {
                together.Add(work);
            }

            CommitAsync(together).GetAwaiter().GetResult();
            together.Clear();
        }
    }

    private async Task CommitAsync(List<IWork> together)
    {
        try
        {
            var transaction = ((SqliteConnection)_session.Connection).BeginTransaction(deferred: false);
            await using (transaction.ConfigureAwait(false))
            {
                _session.Transaction = transaction;
                foreach (var work in together)
                {
                    await transaction.SaveAsync("work").ConfigureAwait(false);
                    if (!await work.TryRunAsync(_session).ConfigureAwait(false))
                    {
                        await transaction.RollbackAsync("work").ConfigureAwait(false);
                    }

                    await transaction.ReleaseAsync("work").ConfigureAwait(false);
                }

                await transaction.CommitAsync().ConfigureAwait(false);
            }

            together.ForEach(work => work.Complete());
        }
#pragma warning disable CA1031 // A full disk ends a transaction from within, in more than one way; those that wait are told, and the next ones are tried.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            together.ForEach(work => work.Fail(failure));
        }
        finally
        {
            _session.Transaction = null;
        }
    }

    private interface IWork
    {
        Task<bool> TryRunAsync(SqlSession session);

        void Complete();

        void Fail(Exception failure);
    }

    private sealed class Work<T>(Func<SqlSession, ValueTask<T>> run) : IWork
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;
        private Exception? _failure;

        public Task<T> Completion => _completion.Task;

        public async Task<bool> TryRunAsync(SqlSession session)
        {
            try
            {
                _result = await run(session).ConfigureAwait(false);
                return true;
            }
#pragma warning disable CA1031 // Whatever the work throws is thrown where somebody waits for it.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                _failure = failure;
                return false;
            }
        }

        public void Complete()
        {
            if (_failure is null)
            {
                _completion.TrySetResult(_result!);
            }
            else
            {
                _completion.TrySetException(_failure);
            }
        }

        public void Fail(Exception failure) => _completion.TrySetException(_failure ?? failure);
    }
}
