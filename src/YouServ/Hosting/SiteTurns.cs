namespace P2P.YouServ.Hosting;

/// <summary>
/// Lets one at a time do something for a site, so that whoever asks often makes the coordinator connect no more often than it can wait; sites don't wait for each other. Safe for
/// any number of threads.
/// </summary>
internal sealed class SiteTurns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SiteName, Turn> _turns = [];

    /// <summary>Does something when it is its turn.</summary>
    public async ValueTask<T> RunAsync<T>(SiteName site, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        var turn = Enter(site);
        try
        {
            await turn.Free.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await work().ConfigureAwait(false);
            }
            finally
            {
                turn.Free.Release();
            }
        }
        finally
        {
            Leave(site, turn);
        }
    }

    private Turn Enter(SiteName site)
    {
        lock (_gate)
        {
            if (!_turns.TryGetValue(site, out var turn))
            {
                _turns[site] = turn = new();
            }

            turn.Users++;
            return turn;
        }
    }

    private void Leave(SiteName site, Turn turn)
    {
        lock (_gate)
        {
            if (--turn.Users == 0)
            {
                _turns.Remove(site);
                turn.Free.Dispose();
            }
        }
    }

    private sealed class Turn
    {
        public SemaphoreSlim Free { get; } = new(1, 1);

        public int Users { get; set; }
    }
}
