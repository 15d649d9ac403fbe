using Microsoft.Extensions.Logging;

namespace P2P.Pastry;

/// <summary>Keeps a node's memory of its peers: reads it at the start, and writes it when the node gets ready, in slow rounds, and at the end.</summary>
internal sealed partial class PeerKeeper(
    IPeerMemory memory,
    Func<CancellationToken, ValueTask<NodeHandle[]>> choose,
    TimeSpan interval,
    TimeProvider time,
    ILogger logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _rounds = Task.CompletedTask;

    /// <summary>Gives what is remembered, or nothing where that can't be read.</summary>
    public async Task<IReadOnlyList<NodeHandle>> RecallAsync(CancellationToken cancellationToken)
    {
        try
        {
            var peers = await memory.RecallAsync(cancellationToken).ConfigureAwait(false);
            return peers.Count <= IPeerMemory.PeersMax ? peers : [.. peers.Take(IPeerMemory.PeersMax)];
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotRecalled(exception.Message);
            return [];
        }
    }

    /// <summary>Begins the rounds.</summary>
    /// <param name="whenReady">Completes when the node takes part in the ring.</param>
    public void Start(Func<CancellationToken, ValueTask> whenReady) => _rounds = Task.Run(() => RunAsync(whenReady));

    /// <summary>Ends the rounds with a last one.</summary>
    /// <param name="cancellationToken">Leaves the last one out.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await EndRoundsAsync().ConfigureAwait(false);
        if (!cancellationToken.IsCancellationRequested)
        {
            await RememberAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the rounds, if they have not been.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndRoundsAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task EndRoundsAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _rounds.ConfigureAwait(false);
    }

    private async Task RunAsync(Func<CancellationToken, ValueTask> whenReady)
    {
        try
        {
            await whenReady(_stopping.Token).ConfigureAwait(false);
            using var timer = new PeriodicTimer(interval, time);
            do
            {
                await RememberAsync(_stopping.Token).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is OperationCanceledException or PastryException)
        {
            // The node is stopping, or has failed.
        }
    }

    private async Task RememberAsync(CancellationToken cancellationToken)
    {
        try
        {
            var peers = await choose(cancellationToken).ConfigureAwait(false);
            if (peers.Length > 0)
            {
                await memory.RememberAsync(peers, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                LogNotRemembered(exception.Message);
            }
        }
    }

    [LoggerMessage(2130, LogLevel.Warning, "{Reason} The node goes on without remembered peers.")]
    private partial void LogNotRecalled(string reason);

    [LoggerMessage(2131, LogLevel.Warning, "{Reason} After a restart, the node may have to rely on its bootstraps.")]
    private partial void LogNotRemembered(string reason);
}
