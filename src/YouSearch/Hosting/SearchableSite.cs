using System.Threading.RateLimiting;
using Microsoft.Extensions.Logging;
using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;
using P2P.YouServ;

namespace P2P.YouSearch.Hosting;

/// <summary>Makes one site that the peer serves searchable: keeps its index what the site is, and answers queries under the rules of the site.</summary>
internal sealed partial class SearchableSite : IAsyncDisposable
{
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);
    /// <summary>How long an answer may take: whoever asks waits no longer.</summary>
    private static readonly TimeSpan AnswerDeadline = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan UnrestMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan UnrestMax = TimeSpan.FromSeconds(30);

    private readonly ISearchIndex _index;
    private readonly Indexer _indexer;
    private readonly OwnerNotes? _notes;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Alarm _alarm;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ConcurrencyLimiter _searches = new(new() { PermitLimit = Environment.ProcessorCount * 2, QueueLimit = 256 });
    private Task _keeping = Task.CompletedTask;
    private string _rules = "";
    private long _generation;

    private SearchableSite(ServedSite site, ISearchIndex index, Indexer indexer, OwnerNotes? notes, TimeSpan interval, TimeProvider clock, ILogger logger)
    {
        (Site, _index, _indexer, _notes, _interval, _clock, _logger) = (site, index, indexer, notes, interval, clock, logger);
        _alarm = new Alarm(clock);
        Host = site.Host;
        Name = site.Name;
    }

    /// <summary>Tells that something has changed of what the index has, or of who may find it.</summary>
    public event Action? Changed;

    /// <summary>The site.</summary>
    public ServedSite Site { get; }

    public string Host { get; }

    public SiteName Name { get; }

    /// <summary>The number of the state of index and rules: later ones are greater, also after a restart. 0 before the first look.</summary>
    public long Generation => Volatile.Read(ref _generation);

    /// <summary>How many files are in the index.</summary>
    public int Count => _indexer.Count;

    /// <summary>Opens a site for searching.</summary>
    /// <param name="site">The site.</param>
    /// <param name="index">Its index, which is disposed with this.</param>
    /// <param name="notes">What its owner has noted; null for a copy.</param>
    /// <param name="options">How.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">Is told what goes wrong.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<SearchableSite> OpenAsync(
        ServedSite site, ISearchIndex index, OwnerNotes? notes, YouSearchOptions options, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        var indexer = new Indexer(site, index, [.. options.Extractors], options.ExtractionLimits, SitePath.Parse(options.SavedFolder), options.FilesMax, () => notes?.Agreed ?? [], clock, logger);
        await indexer.OpenAsync(cancellationToken).ConfigureAwait(false);
        return new(site, index, indexer, notes, options.RescanInterval, clock, logger);
    }

    /// <summary>Begins to keep the index.</summary>
    public void Start() => _keeping = Task.Run(KeepAsync);

    /// <summary>Looks now, until nothing changes any more.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        while (!await LookOnceAsync(cancellationToken).ConfigureAwait(false))
        {
            await Task.Delay(Gathering, _clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Answers a query, or describes documents, as far as somebody may read them.</summary>
    /// <param name="query">The query.</param>
    /// <param name="request">What else is asked.</param>
    /// <param name="visitor">Who asks.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The answer; null where there are too many questions at once, where it takes too long, and where the site is being closed.</returns>
    public async Task<SearchReply?> AnswerAsync(SearchQuery query, SearchRequest request, Visitor visitor, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(IsOwner(visitor) ? Timeout.InfiniteTimeSpan : AnswerDeadline, _clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token, cancellationToken);
        try
        {
            // Others must not keep the owner from searching the own site.
            using var permit = IsOwner(visitor) ? null : await _searches.AcquireAsync(1, end.Token).ConfigureAwait(false);
            return permit is { IsAcquired: false } ? null
                : request.Paths is { Count: > 0 } paths ? await DescribeAsync(query, paths, visitor, end.Token).ConfigureAwait(false)
                : await SearchAsync(query, Math.Clamp(request.Count, 1, ReplyLimits.HitsMax), visitor, end.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is ObjectDisposedException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>Gives what the summary of a scope has to hold.</summary>
    /// <param name="isPublic">Whether of what everyone may read; else of what those may who have signed in, and of private documents whose owner agrees.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<IReadOnlySet<ulong>> ReadTermsAsync(bool isPublic, CancellationToken cancellationToken)
    {
        string[] areas = [.. _indexer.Areas.Where(area => IsInScope(area, isPublic))];
        var terms = areas.Length == 0 ? new HashSet<ulong>() : await _index.ReadTermsAsync(areas, cancellationToken).ConfigureAwait(false);
        return isPublic || _notes is not { Recommendations: { Count: > 0 } recommendations }
            ? terms
            : new HashSet<ulong>(terms.Concat(recommendations.SelectMany(recommendation => QueryKey.TermsOfRecommendation(recommendation.Query, recommendation.Group))));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(false);
        await _index.DisposeAsync().ConfigureAwait(false);
        await _searches.DisposeAsync().ConfigureAwait(false);
        _alarm.Dispose();
        _turn.Dispose();
        _stop.Dispose();
    }

    private bool IsInScope(string area, bool isPublic)
    {
        var audience = AreaMap.RuleOf(area) is { } path ? AudienceOf(path) : Audience.Named;
        return isPublic ? audience == Audience.Everyone : audience == Audience.SignedIn || (audience == Audience.Named && AreaMap.IsAgreed(area));
    }

    private async Task<SearchReply> SearchAsync(SearchQuery query, int count, Visitor visitor, CancellationToken cancellationToken)
    {
        var map = _indexer.Map;
        var areas = IsOwner(visitor) ? null : map.OpenTo(Site, visitor, _indexer.Areas);
        var answer = areas is { Count: 0 } ? null : await _index.SearchAsync(query, areas, count, cancellationToken).ConfigureAwait(false);
        var reply = new SearchReply { Host = Host, Recommended = RecommendedFor(query, visitor) };
        return answer is null ? reply with { PartDocuments = new long[query.Parts.Count] } : reply with
        {
            Documents = answer.Documents,
            Words = answer.Words,
            PartDocuments = answer.PartDocuments,
            Matches = answer.Matches,
            Hits = ViewsOf(answer.Hits, visitor),
        };
    }

    private async Task<SearchReply> DescribeAsync(SearchQuery query, IReadOnlyList<string> paths, Visitor visitor, CancellationToken cancellationToken)
    {
        var hits = new List<IndexHit>();
        foreach (var text in paths.Take(ReplyLimits.RecommendedMax))
        {
            if (SitePath.TryParse(text, out var path) && Site.MayRead(visitor, path) && await _index.DescribeAsync(path, query, cancellationToken).ConfigureAwait(false) is { } hit)
            {
                hits.Add(hit);
            }
        }

        return new() { Host = Host, Hits = ViewsOf(hits, visitor) };
    }

    /// <summary>A rule may have come since the files were divided into areas: what is shown is asked for once more.</summary>
    private HitView[] ViewsOf(IReadOnlyList<IndexHit> hits, Visitor visitor) =>
        [
            .. hits.Where(hit => Site.MayRead(visitor, hit.Path)).Select(hit => new HitView
            {
                Path = hit.Path.Value,
                Title = hit.Title,
                Type = hit.Type,
                Digest = hit.Digest,
                Length = hit.Length,
                ModifiedAt = hit.ModifiedAt,
                Words = hit.Words,
                PartFrequencies = hit.PartFrequencies,
                Snippet = hit.Snippet.Text,
                Marks = [.. hit.Snippet.Marks.SelectMany(mark => (int[])[mark.Start, mark.Length])],
                Audience = AudienceOf(hit.Path),
            }),
        ];

    private Audience AudienceOf(SitePath path) => Site.FindRule(path)?.Audience ?? Audience.Named;

    private IReadOnlyList<RecommendationView> RecommendedFor(SearchQuery query, Visitor visitor) => _notes is null || visitor.User is null ? [] :
    [
        .. _notes.Recommendations
            .Where(recommendation => recommendation.Query == query.Canonical && visitor.Groups.Contains(recommendation.Group))
            .Take(ReplyLimits.RecommendedMax)
            .Select(recommendation => new RecommendationView { Group = recommendation.Group, Site = recommendation.Site.Value, Path = recommendation.Path.Value }),
    ];

    /// <summary>Two of the same groups find the same but where rules name people.</summary>
    public bool IsPersonal => Site.Rules.Any(rule => rule is { Audience: Audience.Named, Users.Count: > 0 });

    /// <summary>Whether all who have signed in find the same: rules name nobody, and nothing is recommended for the query.</summary>
    public bool IsForMembers(SearchQuery query) =>
        Site.Rules.All(rule => rule is not { Audience: Audience.Named, Users.Count: > 0 } and not { Audience: Audience.Named, Groups.Count: > 0 })
        && _notes?.Recommendations.Any(recommendation => recommendation.Query == query.Canonical) != true;

    private bool IsOwner(Visitor visitor) => visitor.User is { } user && user == Site.Owner;

    private async Task KeepAsync()
    {
        using var watch = Site.Watch(_alarm.Ring);
        if (_notes is not null)
        {
            _notes.Changed += _alarm.Ring;
        }

        var unrest = UnrestMin;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var isAtRest = await LookOnceAsync(_stop.Token).ConfigureAwait(false);
                unrest = isAtRest ? UnrestMin : unrest * 2 < UnrestMax ? unrest * 2 : UnrestMax;
                await _alarm.WaitAsync(isAtRest ? _interval : unrest, _stop.Token).ConfigureAwait(false);
                await Task.Delay(Gathering, _clock, _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
            }
#pragma warning disable CA1031 // Whatever goes wrong with folder or index, the next look may go well.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogFailure(failure, Host);
                await _alarm.WaitAsync(unrest = unrest * 2 < UnrestMax ? unrest * 2 : UnrestMax, _stop.Token).ConfigureAwait(false);
            }
        }

        if (_notes is not null)
        {
            _notes.Changed -= _alarm.Ring;
        }
    }

    private async Task<bool> LookOnceAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var rules = RulesText();
            var isAtRest = await _indexer.LookAsync(cancellationToken).ConfigureAwait(false);
            if (_indexer.TakeNews() || rules != _rules || _generation == 0)
            {
                _rules = rules;
                Volatile.Write(ref _generation, Math.Max(_generation + 1, _clock.GetUtcNow().ToUnixTimeMilliseconds()));
                Changed?.Invoke();
            }

            return isAtRest;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Everything that decides who finds what, beside the files.</summary>
    private string RulesText() => string.Join(
        '\n',
        Site.Rules.Select(rule => $"{rule.Path} {rule.Audience} {string.Join(',', rule.Users)} {string.Join(',', rule.Groups)}")
            .Concat((_notes?.Agreed ?? []).Select(path => $"agreed {path}"))
            .Concat((_notes?.Recommendations ?? []).Select(recommendation => $"{recommendation}")));

    [LoggerMessage(6102, LogLevel.Warning, "The index of {Host} is not brought up to date, until this works again.")]
    private partial void LogFailure(Exception failure, string host);
}
