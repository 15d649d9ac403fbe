using Microsoft.Extensions.Logging;
using P2P.YouServ.Dns;

namespace P2P.YouServ.Hosting;

/// <summary>
/// Lets DNS follow the store: reads what has changed since it looked last, whoever changed it, and publishes where the names point. One look carries all changes that came
/// meanwhile.
/// </summary>
internal sealed partial class SitePublisher(
    ICoordinatorStore store, IDnsPublisher dns, CoordinatorOptions options, CoordinatorMetrics metrics, ILogger logger) : IAsyncDisposable
{
    private const int TogetherMax = 1000;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly Lock _gate = new();
    private TaskCompletionSource _advanced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _published;
    private Task _following = Task.CompletedTask;

    /// <summary>Since when names do not follow their sites.</summary>
    public Trouble Trouble { get; } = new();

    /// <summary>Publishes all that the store has, and goes on with what changes.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        while (await PublishNextAsync(cancellationToken).ConfigureAwait(false))
        {
        }

        _following = Task.Run(FollowAsync, CancellationToken.None);
    }

    /// <summary>Completes when a change, and all before it, can be seen in DNS. Who gives up waiting leaves nothing behind, however long DNS is away.</summary>
    public async Task PublishedAsync(long version, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task advanced;
            lock (_gate)
            {
                if (_published >= version)
                {
                    return;
                }

                advanced = _advanced.Task;
                Wake();
            }

            await advanced.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Looks for changes soon.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            if (_wake.CurrentCount == 0)
            {
                _wake.Release();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(false);
        lock (_gate)
        {
            _advanced.TrySetCanceled();
        }

        _wake.Dispose();
        _stop.Dispose();
    }

    private async Task FollowAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var isMore = await PublishNextAsync(_stop.Token).ConfigureAwait(false);
                Trouble.End();
                if (!isMore)
                {
                    await _wake.WaitAsync(store.IsShared ? LookInterval : Timeout.InfiniteTimeSpan, _stop.Token).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever store or DNS throw, names are to follow again when they work again.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Trouble.Begin(store.Clock.GetUtcNow());
                LogFailure(failure);
                await Task.Delay(FailurePause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async ValueTask<bool> PublishNextAsync(CancellationToken cancellationToken)
    {
        var begun = store.Clock.GetTimestamp();
        var changed = await store.ReadChangedSitesAsync(_published, TogetherMax, cancellationToken).ConfigureAwait(false);
        if (changed.Count == 0)
        {
            return false;
        }

        using (YouServTelemetry.Source.StartActivity(YouServTelemetry.Prefix + "publish"))
        {
            await PublishAsync(changed, cancellationToken).ConfigureAwait(false);
        }

        metrics.Published(store.Clock.GetElapsedTime(begun));
        lock (_gate)
        {
            _published = changed[^1].Version;
            _advanced.SetResult();
            _advanced = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return true;
    }

    /// <summary>A name that DNS takes from nobody, such as one of the operator's own machines, must not keep all others from following.</summary>
    private async ValueTask PublishAsync(IReadOnlyList<SiteRecord> sites, CancellationToken cancellationToken)
    {
        try
        {
            await dns.PublishAsync([.. sites.SelectMany(site => SiteRecords.Of(site, options))], cancellationToken).ConfigureAwait(false);
        }
        catch (ArgumentException) when (sites.Count > 1)
        {
            foreach (var site in sites)
            {
                await PublishAsync([site], cancellationToken).ConfigureAwait(false);
            }
        }
        catch (ArgumentException failure)
        {
            LogRefused(failure, sites[0].Name);
        }
    }

    [LoggerMessage(5021, LogLevel.Error, "DNS takes no addresses for {Site}, which stays where it leads. Keep the name from sites by CoordinatorOptions.ReservedNames.")]
    private partial void LogRefused(Exception failure, SiteName site);

    [LoggerMessage(5020, LogLevel.Error, "Names do not follow their sites, until this works again.")]
    private partial void LogFailure(Exception failure);
}
