using Microsoft.Extensions.Logging;
using P2P.YouServ;

namespace P2P.YouSearch.Hosting;

/// <summary>Keeps searchable what the peer serves: its user's site, and the copies of others'.</summary>
internal sealed partial class SiteDesk(YouServPeer peer, OwnerNotes notes, YouSearchOptions options, IIndexFactory indexes, IRegistrar registrar, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CopiesSettled = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, long> _failed = new(StringComparer.Ordinal);
    private IReadOnlyList<SiteName> _copies = [];
    private long? _copiesSince = clock.GetTimestamp();

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Task _keeping = Task.CompletedTask;
    private volatile IReadOnlyList<Entry> _entries = [];

    /// <summary>The user's own site; null before it is open.</summary>
    public SearchableSite? Own => _entries.FirstOrDefault(entry => !entry.Site.Site.IsCopy)?.Site;

    /// <summary>Finds the site of a host.</summary>
    public SearchableSite? Find(string host) => _entries.FirstOrDefault(entry => string.Equals(entry.Site.Host, host, StringComparison.OrdinalIgnoreCase))?.Site;

    public void Start() => _keeping = Task.Run(KeepAsync);

    /// <summary>Completes when all that is in the user's folder now can be found.</summary>
    public async Task WhenFoundAsync(CancellationToken cancellationToken)
    {
        await FollowAsync(cancellationToken).ConfigureAwait(false);
        var entry = _entries.FirstOrDefault(entry => !entry.Site.Site.IsCopy) ?? throw new YouSearchException("Nobody has signed in at this peer, and so it has no site to be found.");
        await entry.Site.LookAsync(cancellationToken).ConfigureAwait(false);
        if (options.AnswersOthers)
        {
            await entry.Summaries.WhenToldAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(false);
        foreach (var entry in _entries)
        {
            await entry.DisposeAsync().ConfigureAwait(false);
        }

        _turn.Dispose();
        _stop.Dispose();
    }

    private async Task KeepAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // An index that cannot be opened now may be later, and must not keep others from being searched.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogFailure(failure, "What the peer serves");
            }

            await Task.Delay(LookInterval, clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Opens what the peer serves by now, and closes what it does not serve any more.</summary>
    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var served = peer.Sites;
            foreach (var entry in _entries.Where(entry => !served.Contains(entry.Site.Site) || entry.Site.Site.Host != entry.Site.Host).ToList())
            {
                _entries = [.. _entries.Where(other => other != entry)];
                await entry.DisposeAsync().ConfigureAwait(false);
            }

            foreach (var site in served.Where(site => !_entries.Any(entry => entry.Site.Site == site)).ToList())
            {
                await TryOpenAsync(site, cancellationToken).ConfigureAwait(false);
            }

            await ForgetCopiesAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>An index that cannot be opened now must not keep other sites from being searched.</summary>
    private async Task TryOpenAsync(ServedSite site, CancellationToken cancellationToken)
    {
        if (_failed.TryGetValue(site.Host, out var failedAt) && clock.GetElapsedTime(failedAt) < FailurePause)
        {
            return;
        }

        try
        {
            _entries = [.. _entries, await OpenAsync(site, cancellationToken).ConfigureAwait(false)];
            _failed.Remove(site.Host);
        }
#pragma warning disable CA1031 // Whatever an index throws, it may open later.
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogFailure(failure, site.Host);
            _failed[site.Host] = clock.GetTimestamp();
        }
    }

    /// <summary>What was taken out of copies that the peer keeps no more is deleted as well, once it has been so for a while: a peer that has just started does not know yet.</summary>
    private async Task ForgetCopiesAsync(CancellationToken cancellationToken)
    {
        var copies = peer.Copies;
        if (peer.Status.State != PeerState.Serving || !_copies.SequenceEqual(copies))
        {
            (_copies, _copiesSince) = (copies, clock.GetTimestamp());
        }
        else if (_copiesSince is { } since && clock.GetElapsedTime(since) > CopiesSettled)
        {
            _copiesSince = null;
            await indexes.KeepAsync(copies, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Entry> OpenAsync(ServedSite site, CancellationToken cancellationToken)
    {
        var index = await indexes.OpenAsync(site, cancellationToken).ConfigureAwait(false);
        SearchableSite? searchable = null;
        try
        {
            searchable = await SearchableSite.OpenAsync(site, index, site.IsCopy ? null : notes, options, clock, logger, cancellationToken).ConfigureAwait(false);
            var entry = new Entry(searchable, new SummaryManager(searchable, registrar, clock, logger));
            searchable.Start();
            if (options.AnswersOthers)
            {
                entry.Summaries.Start();
            }

            return entry;
        }
        catch when (searchable is null)
        {
            await index.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    [LoggerMessage(6106, LogLevel.Error, "{Host} cannot be searched, until this works again.")]
    private partial void LogFailure(Exception failure, string host);

    private sealed record Entry(SearchableSite Site, SummaryManager Summaries) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Summaries.DisposeAsync().ConfigureAwait(false);
            await Site.DisposeAsync().ConfigureAwait(false);
        }
    }
}
