using Microsoft.Extensions.Logging;
using P2P.Bloom;

namespace P2P.YouSearch.Hosting;

/// <summary>Tells the registrar what a site's summaries are: after each change, and from time to time that they are what they were.</summary>
internal sealed partial class SummaryManager : IAsyncDisposable
{
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PauseMax = TimeSpan.FromMinutes(1);

    private readonly SearchableSite _site;
    private readonly IRegistrar _registrar;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Alarm _alarm;
    private TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _telling = Task.CompletedTask;
    private Summaries? _current;
    private Summaries? _known;
    private long _toldGeneration;
    private bool _hasFailed;

    public SummaryManager(SearchableSite site, IRegistrar registrar, TimeProvider clock, ILogger logger)
    {
        (_site, _registrar, _clock, _logger) = (site, registrar, clock, logger);
        _alarm = new Alarm(clock);
        _site.Changed += _alarm.Ring;
    }

    /// <summary>Begins to tell.</summary>
    public void Start() => _telling = Task.Run(TellAsync);

    /// <summary>Completes when the registrar knows the state of the site that there is now, or a later one.</summary>
    public async Task WhenToldAsync(CancellationToken cancellationToken)
    {
        var generation = _site.Generation;
        while (true)
        {
            var told = Volatile.Read(ref _told).Task;
            if (Volatile.Read(ref _toldGeneration) >= generation && generation > 0)
            {
                return;
            }

            await told.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _site.Changed -= _alarm.Ring;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _telling.ConfigureAwait(false);
        _alarm.Dispose();
        _stop.Dispose();
    }

    private async Task TellAsync()
    {
        var failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            var pause = PauseMin;
            try
            {
                if (_site.Generation > 0)
                {
                    pause = await TellOnceAsync(_stop.Token).ConfigureAwait(false);
                    failures = 0;
                }
                else
                {
                    pause = Timeout.InfiniteTimeSpan;
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever the registrar or the index do, the registrar is told when they are well.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                if (!_hasFailed && !_site.Site.IsCopy)
                {
                    LogUntold(_site.Host, failure.Message);
                    _hasFailed = true;
                }

                // Of a copy the registrar hears from the owner, but while it stands in.
                pause = _site.Site.IsCopy ? PauseMax : TimeSpan.FromSeconds(Math.Min(PauseMin.TotalSeconds * Math.Pow(2, failures++), PauseMax.TotalSeconds) * (0.5 + Random.Shared.NextDouble()));
            }

            await _alarm.WaitAsync(pause, _stop.Token).ConfigureAwait(false);
            await Task.Delay(Gathering, _clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>How long to wait before telling again though nothing has changed.</returns>
    private async Task<TimeSpan> TellOnceAsync(CancellationToken cancellationToken)
    {
        var generation = _site.Generation;
        if (_current?.Generation != generation)
        {
            var publicTerms = await _site.ReadTermsAsync(isPublic: true, cancellationToken).ConfigureAwait(false);
            var memberTerms = await _site.ReadTermsAsync(isPublic: false, cancellationToken).ConfigureAwait(false);
            _current = new(generation, Summarizer.Summarize(publicTerms, _current?.Public), Summarizer.Summarize(memberTerms, _current?.Members));
        }

        var result = await RegisterAsync(_current, _known, cancellationToken).ConfigureAwait(false);
        if (!result.IsKnown)
        {
            result = await RegisterAsync(_current, known: null, cancellationToken).ConfigureAwait(false);
        }

        _known = result.IsKnown ? _current : null;
        if (!result.IsKnown)
        {
            throw new YouSearchException("The registrar does not take the summaries as a whole.");
        }

        if (_hasFailed)
        {
            LogTold(_site.Host);
            _hasFailed = false;
        }

        Volatile.Write(ref _toldGeneration, generation);
        Interlocked.Exchange(ref _told, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        return result.RefreshInterval < PauseMin ? PauseMin : result.RefreshInterval;
    }

    private ValueTask<RegistrationResult> RegisterAsync(Summaries current, Summaries? known, CancellationToken cancellationToken) => _registrar.RegisterAsync(
        new SiteRegistration
        {
            Site = _site.Name,
            Generation = current.Generation,
            Public = new(current.Public, known?.Public),
            Members = new(current.Members, known?.Members),
        },
        cancellationToken);

    [LoggerMessage(6103, LogLevel.Warning, "The registrar does not know what is at {Host}, so that only those find it who search there. {Reason}")]
    private partial void LogUntold(string host, string reason);

    [LoggerMessage(6104, LogLevel.Information, "The registrar knows what is at {Host}.")]
    private partial void LogTold(string host);

    /// <summary>Is what was made of one state of the index.</summary>
    private sealed record Summaries(long Generation, PartitionedBloomFilter? Public, PartitionedBloomFilter? Members);
}
