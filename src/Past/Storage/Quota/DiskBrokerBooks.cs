namespace P2P.Past;

/// <summary>
/// Keeps a broker's books in a database. Decisions that are wanted at the same time share one transaction, and so one flush of the disk; what the disk refuses was
/// not decided, and the ledger is read anew.
/// </summary>
internal sealed class DiskBrokerBooks : IBrokerBooks
{
    private const int TogetherMax = 256;

    private readonly BrokerDatabase _database;
    private readonly BrokerOptions _options;
    private readonly Lock _gate = new();
    private readonly DiskQueue _thread = new(maxThreads: 1);
    private readonly List<Decision> _waiting = [];
    private BrokerDesk? _desk;
    private bool _deciding;
    private bool _closed;

    private DiskBrokerBooks(string path, BrokerOptions options)
    {
        _options = options;
        _database = BrokerDatabase.Open(path);
        try
        {
            _desk = _database.Load(options);
        }
        catch
        {
            _database.Dispose();
            throw;
        }
    }

    /// <summary>Opens the books, or begins new ones, for this process alone.</summary>
    /// <exception cref="PastException">They can't be used.</exception>
    public static DiskBrokerBooks Open(string path, BrokerOptions options)
    {
        try
        {
            return new DiskBrokerBooks(path, options);
        }
        catch (Exception exception) when (StorageFailure.Is(exception))
        {
            throw new PastException(
                $"The broker's books '{path}' can't be used: {exception.Message} They belong to one broker at a time, on a disk of this machine that it may write to.", exception);
        }
    }

    public async ValueTask<T> RunAsync<T>(Func<BrokerDesk, T> decide)
    {
        var decision = new Decision<T>(decide);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(Broker));
            _waiting.Add(decision);
            if (!_deciding)
            {
                _deciding = true;
                _ = _thread.RunAsync(DecideAll, CancellationToken.None);
            }
        }

        return await decision.Outcome.Task.ConfigureAwait(false);
    }

    /// <summary>Takes no more decisions, and waits until those that were asked for are durable.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closed = true;
        }

        await _thread.DisposeAsync().ConfigureAwait(false);
        _database.Dispose();
    }

    private bool DecideAll()
    {
        while (true)
        {
            Decision[] together;
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    _deciding = false;
                    return true;
                }

                together = [.. _waiting.Take(TogetherMax)];
                _waiting.RemoveRange(0, together.Length);
            }

            Decide(together);
        }
    }

    private void Decide(ReadOnlySpan<Decision> together)
    {
        try
        {
            _desk ??= _database.Load(_options);
            _database.Begin();
            foreach (var decision in together)
            {
                decision.Make(_desk);
            }

            _database.Commit();
        }
        catch (Exception exception)
        {
            // The ledger has counted what the disk has not kept.
            _desk = null;
            _database.Rollback();
            if (together.Length == 1)
            {
                together[0].Fail(StorageFailure.Is(exception) ? _database.Failure(exception) : exception);
                return;
            }

            for (var place = 0; place < together.Length; place++)
            {
                Decide(together.Slice(place, 1));
            }

            return;
        }

        foreach (var decision in together)
        {
            decision.Succeed();
        }
    }

    private abstract class Decision
    {
        public abstract void Make(BrokerDesk desk);

        public abstract void Succeed();

        public abstract void Fail(Exception exception);
    }

    private sealed class Decision<T>(Func<BrokerDesk, T> decide) : Decision
    {
        private T _value = default!;

        public TaskCompletionSource<T> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Make(BrokerDesk desk) => _value = decide(desk);

        public override void Succeed() => Outcome.SetResult(_value);

        public override void Fail(Exception exception) => Outcome.SetException(exception);
    }
}
