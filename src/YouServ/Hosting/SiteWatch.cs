using Microsoft.Extensions.Logging;
using P2P.YouServ.Protocol;

namespace P2P.YouServ.Hosting;

/// <summary>Takes names from peers that are no longer heard, and from those that are heard but cannot be reached.</summary>
internal sealed partial class SiteWatch(
    ICoordinatorStore store,
    YouServCoordinator coordinator,
    LeaseTerms terms,
    CoordinatorOptions options,
    SitePublisher publisher,
    CoordinatorMetrics metrics,
    ILogger logger) : IAsyncDisposable
{
    private const int TogetherMax = 256;
    private const int ProbesAtOnce = 16;
    private const int FailuresMax = 2;

    private readonly CancellationTokenSource _stop = new();
    private readonly long _start = store.Clock.GetTimestamp();
    private readonly Dictionary<SiteName, int> _failures = [];
    private readonly Trouble _lapseTrouble = new();
    private readonly Trouble _checkTrouble = new();
    private TaskCompletionSource _looked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _watching = Task.CompletedTask;

    /// <summary>Since when peers are not watched for silence, or for being reachable, because something fails; null while they are watched for both.</summary>
    public DateTimeOffset? UnwatchedSince => new[] { _lapseTrouble.Since, _checkTrouble.Since }.Min();

    public void Start() => _watching = Task.WhenAll(Task.Run(LapseAsync), Task.Run(CheckAsync));

    /// <summary>Completes at the end of the next look for peers that are not heard, or not reached: who moves a clock knows then that it was seen.</summary>
    public Task LookedAsync() => _looked.Task;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _stop.Dispose();
    }

    private Task LapseAsync()
    {
        var guard = new LapseGuard(terms, TimeSpan.Zero, store.Clock.GetUtcNow());
        return RepeatAsync(terms.HeartbeatInterval / 2, _lapseTrouble, async () =>
        {
            var now = store.Clock.GetUtcNow();
            if (!guard.MayLapse(store.Clock.GetElapsedTime(_start), now))
            {
                return;
            }

            while (await LapseAsync(now).ConfigureAwait(false) == TogetherMax)
            {
            }

            await store.ForgetSessionsAsync(now, _stop.Token).ConfigureAwait(false);
        });
    }

    /// <summary>Takes some of the names that are to be taken.</summary>
    /// <returns>How many.</returns>
    private async ValueTask<int> LapseAsync(DateTimeOffset now)
    {
        var count = 0;
        var sites = await store.ReadLapsedSitesAsync(now, TogetherMax, _stop.Token).ConfigureAwait(false);
        await Parallel.ForEachAsync(sites, new ParallelOptions { MaxDegreeOfParallelism = ProbesAtOnce, CancellationToken = _stop.Token }, async (site, cancellationToken) =>
        {
            // A heartbeat may come between the look and the change: the store sees to it that it wins.
            var successor = await coordinator.FindSuccessorAsync(site, cancellationToken).ConfigureAwait(false);
            if (SiteMachine.Lapse(site, now, successor) is { } next && await store.TryReplaceSiteAsync(next, now, cancellationToken).ConfigureAwait(false) is not null)
            {
                Interlocked.Increment(ref count);
                metrics.LeaseLapsed();
                LogLapsed(site.Name);
                publisher.Wake();
            }
        }).ConfigureAwait(false);
        return count;
    }

    private Task CheckAsync() => RepeatAsync(options.AvailabilityCheckInterval, _checkTrouble, async () =>
    {
        IReadOnlyList<SiteRecord> page;
        for (var after = default(SiteName); (page = await store.ListSitesAsync(after, TogetherMax, _stop.Token).ConfigureAwait(false)).Count > 0; after = page[^1].Name)
        {
            var served = page.Where(site => site.Lease is not null).ToArray();
            var isReached = new bool[served.Length];
            await Parallel.ForAsync(
                0,
                served.Length,
                new ParallelOptions { MaxDegreeOfParallelism = ProbesAtOnce, CancellationToken = _stop.Token },
                async (index, cancellationToken) => isReached[index] = await IsReachedAsync(served[index], cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            for (var i = 0; i < served.Length; i++)
            {
                await NoteAsync(served[i], isReached[i]).ConfigureAwait(false);
            }
        }
    });

    private async ValueTask<bool> IsReachedAsync(SiteRecord site, CancellationToken cancellationToken)
    {
        foreach (var address in site.Lease!.Addresses)
        {
            if (await coordinator.ProbeAsync(site.Name, address, site.Lease.Port, site.Lease.IsSecure, site.Lease.TokenHash, cancellationToken).ConfigureAwait(false))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>One failure may be a wire's; two in a row are the peer's.</summary>
    private async ValueTask NoteAsync(SiteRecord site, bool isReached)
    {
        var failures = isReached ? 0 : _failures.GetValueOrDefault(site.Name) + 1;
        if (failures is 0 or >= FailuresMax)
        {
            _failures.Remove(site.Name);
        }
        else
        {
            _failures[site.Name] = failures;
        }

        if (failures >= FailuresMax
            && SiteMachine.Lose(site, site.Lease!.Id, await coordinator.FindSuccessorAsync(site, _stop.Token).ConfigureAwait(false)) is { } next
            && await store.TryReplaceSiteAsync(next, cancellationToken: _stop.Token).ConfigureAwait(false) is not null)
        {
            metrics.LeaseLost();
            LogLost(site.Name);
            publisher.Wake();
        }
    }

    private async Task RepeatAsync(TimeSpan interval, Trouble trouble, Func<Task> work)
    {
        using var timer = new PeriodicTimer(interval, store.Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                try
                {
                    await work().ConfigureAwait(false);
                    trouble.End();
                    Interlocked.Exchange(ref _looked, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
                }
#pragma warning disable CA1031 // Whatever the store throws, the watch goes on when it works again.
                catch (Exception failure) when (!_stop.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    trouble.Begin(store.Clock.GetUtcNow());
                    LogFailure(failure);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    [LoggerMessage(5030, LogLevel.Information, "The peer that served {Site} was not heard.")]
    private partial void LogLapsed(SiteName site);

    [LoggerMessage(5031, LogLevel.Information, "The peer that served {Site} is heard, and cannot be reached.")]
    private partial void LogLost(SiteName site);

    [LoggerMessage(5032, LogLevel.Error, "Sites are not watched, until this works again.")]
    private partial void LogFailure(Exception failure);
}
