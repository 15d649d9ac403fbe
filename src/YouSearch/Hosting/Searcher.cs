using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using P2P.YouSearch.Http;
using P2P.YouSearch.Protocol;

namespace P2P.YouSearch.Hosting;

/// <summary>Runs searches: asks the registrar who may have an answer, asks these, and puts together what they say.</summary>
/// <param name="registrar">The registrar.</param>
/// <param name="client">Asks sites; not disposed of.</param>
/// <param name="limits">Bounds how sites are asked.</param>
/// <param name="cache">What was gathered before; null where nothing is kept.</param>
/// <param name="cacheLifetime">How old an answer may be that somebody else has gathered.</param>
/// <param name="metrics">Counts.</param>
/// <param name="clock">The clock.</param>
/// <param name="logger">Is told what goes wrong.</param>
internal sealed partial class Searcher(
    IRegistrar registrar, SiteClient client, FanOutLimits limits, GatheredAnswers? cache, TimeSpan cacheLifetime, SearchMetrics metrics, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Task, bool> _afterwards = new();
    private readonly CancellationTokenSource _stop = new();

    public IRegistrar Registrar => registrar;

    public SiteClient Client => client;

    public FanOutLimits Limits => limits;

    public GatheredAnswers? Cache => cache;

    public TimeSpan CacheLifetime => cacheLifetime;

    public SearchMetrics Metrics => metrics;

    public TimeProvider Clock => clock;

    /// <summary>Searches.</summary>
    /// <param name="query">The query.</param>
    /// <param name="options">How.</param>
    /// <param name="self">On whose behalf.</param>
    /// <param name="local">The site of this machine; null where there is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public IAsyncEnumerable<SearchResults> SearchAsync(
        SearchQuery query, SearchOptions options, SearchSelf self, LocalSite? local, CancellationToken cancellationToken = default) =>
        new SearchRun(this, query, options, self, local).RunAsync(cancellationToken);

    /// <summary>Does something that nobody waits for.</summary>
    public void Afterwards(Func<CancellationToken, Task> work)
    {
        var task = Task.Run(async () =>
        {
            try
            {
                await work(_stop.Token).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Nothing depends on it.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogAfterwards(failure.Message);
            }
        });
        _afterwards[task] = true;
        _ = task.ContinueWith(done => _afterwards.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Waits for what is being done afterwards.</summary>
    public Task WhenIdleAsync() => Task.WhenAll(_afterwards.Keys);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await WhenIdleAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    [LoggerMessage(6105, LogLevel.Debug, "What a search has found could not be offered to others. {Reason}")]
    private partial void LogAfterwards(string reason);
}
