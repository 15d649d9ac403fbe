using System.Runtime.CompilerServices;
using System.Threading.Channels;
using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;
using P2P.YouServ;

namespace P2P.YouSearch.Hosting;

/// <summary>Is one search. One loop owns all of it; what is asked of others comes back to the loop as an event.</summary>
internal sealed partial class SearchRun
{
    /// <summary>How many documents each site is asked for, whatever less is shown: what is gathered serves others, who may show more.</summary>
    private const int AskedCount = 50;

    /// <summary>What was found is shown no more often than eyes can follow.</summary>
    private static readonly TimeSpan ShowInterval = TimeSpan.FromMilliseconds(40);

    private readonly Searcher _searcher;
    private readonly SearchQuery _query;
    private readonly SearchOptions _options;
    private readonly SearchSelf _self;
    private readonly LocalSite? _local;
    private readonly int _asked;
    private readonly string _key;
    private readonly string _rights;
    private readonly long _start;
    private readonly FanOut<int> _fanOut;
    private readonly ResultMerger _merger;
    private readonly List<Target> _targets = [];
    private readonly Dictionary<SiteName, SiteState> _sites = [];
    private readonly Channel<Event> _events = Channel.CreateUnbounded<Event>(new() { SingleReader = true });
    private CancellationToken _end;
    private int _running;
    private long _sequence;
    private bool _isWhole;
    private string? _problem = "The registrar has not answered in time.";

    public SearchRun(Searcher searcher, SearchQuery query, SearchOptions options, SearchSelf self, LocalSite? local)
    {
        (_searcher, _query, _options, _self, _local) = (searcher, query, options, self, local);
        _start = searcher.Clock.GetTimestamp();
        _fanOut = new(searcher.Limits, TimeSpan.Zero);
        _merger = new(query.Parts.Count, Math.Clamp(options.Count, 1, 200));
        _asked = options.Count <= AskedCount ? AskedCount : ReplyLimits.HitsMax;
        _key = QueryKey.Of(query, _asked);
        _rights = AnswerCache.RightsOf(self.Visitor.Groups);
    }

    private TimeSpan Now => _searcher.Clock.GetElapsedTime(_start);

    /// <summary>Searches; the last results say that they are final.</summary>
    public async IAsyncEnumerable<SearchResults> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var activity = YouSearchTelemetry.Source.StartActivity(YouSearchTelemetry.Prefix + "search");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _end = end.Token;
        try
        {
            AskLocal();
            Run(FindAsync);
            var shownAt = TimeSpan.MinValue;
            for (var isNew = false; !IsDone;)
            {
                Ask();
                var due = isNew && shownAt + ShowInterval < _fanOut.Due ? shownAt + ShowInterval : _fanOut.Due;
                await WaitAsync(due, cancellationToken).ConfigureAwait(false);
                while (_events.Reader.TryRead(out var happened))
                {
                    _running--;
                    isNew |= happened();
                }

                isNew |= Expire();
                if (isNew && !IsDone && Now >= shownAt + ShowInterval)
                {
                    (shownAt, isNew) = (Now, false);
                    yield return Results(isFinal: false);
                }
            }

            Offer();
            var final = Results(isFinal: true);
            _searcher.Metrics.Searched(final.Progress, Now);
            yield return final;
        }
        finally
        {
            // What still runs beside the loop ends, and nobody reads of it.
            await end.CancelAsync().ConfigureAwait(false);
            foreach (var target in _targets)
            {
                target.Dispose();
            }
        }
    }

    /// <summary>Happens in the loop.</summary>
    /// <returns>Whether there is something new to show.</returns>
    private delegate bool Event();

    private bool IsDone => (_running == 0 && _fanOut.IsDone) || Now >= _searcher.Limits.Deadline;

    /// <summary>Lets something run beside the loop, which is told what comes of it.</summary>
    private void Run(Func<Task<Event>> work)
    {
        _running++;
        _ = Task.Run(async () =>
        {
            Event happened;
            try
            {
                happened = await work().ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Whatever others say or do, it ends nothing but what was asked of them.
            catch (Exception)
#pragma warning restore CA1031
            {
                happened = static () => false;
            }

            _events.Writer.TryWrite(happened);
        });
    }

    private async Task WaitAsync(TimeSpan due, CancellationToken cancellationToken)
    {
        var patience = due - Now;
        if (patience <= TimeSpan.Zero)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return;
        }

        using var limit = new CancellationTokenSource(patience, _searcher.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _events.Reader.WaitToReadAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Asks the site of this very machine, whatever the registrar knows of it.</summary>
    private void AskLocal()
    {
        if (_local is not var (site, visitor, url) || !IsWanted(site.Name))
        {
            return;
        }

        _sites[site.Name] = SiteState.Asked;
        Run(async () =>
        {
            var reply = await site.AnswerAsync(_query, RequestOf(isToBeSigned: false), visitor, _end).ConfigureAwait(false);
            return () => TakeReply(site.Name, url, reply, signed: null, isTrusted: true);
        });
    }

    private bool IsWanted(SiteName site) => (_query.Group is not { } group || _self.Visitor.Groups.Contains(group)) && (_query.Sites.Count == 0 || _query.Sites.Any(text => SiteOf(text) == site));

    private static SiteName SiteOf(string text) => SiteName.TryParse(text.Split('.')[0], out var site) ? site : default;

    private SearchRequest RequestOf(bool isToBeSigned) => new() { Query = _query.Canonical, Count = _asked, IsToBeSigned = isToBeSigned };

    private async Task<Event> FindAsync()
    {
        try
        {
            var list = await _searcher.Registrar.FindAsync(
                new CandidateQuery
                {
                    Alternatives = [.. SummaryTerms.Of(_query), .. RecommendationTerms()],
                    Sites = [.. _query.Sites.Select(SiteOf).Where(site => site != default).Distinct()],
                    Group = _query.Group,
                    Key = _options.UsesCache && _self.Prover is not null ? _key : "",
                },
                _end).ConfigureAwait(false);
            return () => Begin(list);
        }
        catch (YouSearchException failure)
        {
            return () =>
            {
                _problem = failure.Message;
                return true;
            };
        }
    }

    /// <summary>Those who recommend something for the query to one of the user's groups are asked too, whether or not they have the query's words.</summary>
    private IEnumerable<IReadOnlyList<ulong>> RecommendationTerms() =>
        _self.Visitor.Groups.Order(StringComparer.Ordinal).Take(RegistrarBounds.RecommendingGroupsMax).Select(group => QueryKey.TermsOfRecommendation(_query.Canonical, group));

    private bool Begin(CandidateList list)
    {
        _sequence = list.Sequence;
        _isWhole = list.IsComplete;
        _problem = _isWhole ? null : "More sites may have an answer than are asked at once. Say more precisely what you look for.";
        var current = new Dictionary<SiteName, Candidate>();
        foreach (var candidate in list.Candidates)
        {
            if (!_sites.TryAdd(candidate.Site, candidate.Url is null ? SiteState.Away : SiteState.Asked) || candidate.Url is null)
            {
                continue;
            }

            // What others were told of one's own site is less than one may read oneself.
            if (list.Cache is not null && candidate.IsCurrentInCache && candidate.Site != _self.Prover?.Site)
            {
                current.Add(candidate.Site, candidate);
            }
            else
            {
                Add(candidate);
            }
        }

        if (list.Cache is { } keeper && current.Count > 0)
        {
            Run(() => GatherAsync(keeper, current));
        }

        return true;
    }

    private void Add(Candidate candidate)
    {
        _targets.Add(new(candidate));
        _fanOut.Add(_targets.Count - 1);
    }

    private void Ask()
    {
        while (_fanOut.TryNext(Now, out var number))
        {
            var target = _targets[number];
            target.Begin(_end);
            Run(() => AskAsync(number, target));
        }
    }

    private async Task<Event> AskAsync(int number, Target target)
    {
        (SearchReply Reply, SignedReply? Signed)? answer = null;
        try
        {
            answer = await _searcher.Client.AskAsync(target.Candidate, RequestOf(isToBeSigned: true), _self.Prover, target.End).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            // It is away, or too slow.
        }

        return () =>
        {
            if (!_fanOut.Answered(number))
            {
                return false; // Its time was over already.
            }

            return answer is var (reply, signed) && TakeReply(target.Candidate.Site, target.Candidate.Url!, reply, signed, isTrusted: false) || Miss(target.Candidate);
        };
    }

    /// <summary>Gives up those who are too slow; a copy may stand in for them.</summary>
    private bool Expire()
    {
        var (silent, unasked) = (new List<int>(), new List<int>());
        _fanOut.Expire(Now, silent, unasked);
        foreach (var number in silent)
        {
            _targets[number].Cancel();
            Miss(_targets[number].Candidate);
        }

        foreach (var number in unasked)
        {
            _sites[_targets[number].Candidate.Site] = SiteState.Silent;
        }

        return silent.Count + unasked.Count > 0;
    }

    private bool Miss(Candidate candidate)
    {
        if (_sites[candidate.Site] == SiteState.Asked)
        {
            _sites[candidate.Site] = SiteState.Silent;
            if (!candidate.IsCopy && _self.Prover is not null)
            {
                Run(() => ReportAsync(candidate.Site));
            }
        }

        return true;
    }

    private async Task<Event> ReportAsync(SiteName site)
    {
        var copies = await _searcher.Registrar.ReportSilentAsync([site], _end).ConfigureAwait(false);
        return () =>
        {
            foreach (var copy in copies.Where(copy => copy.Site == site && copy.Url is not null).Take(1))
            {
                _sites[site] = SiteState.Asked;
                Add(copy with { IsCopy = true });
            }

            return false;
        };
    }

    private bool TakeReply(SiteName site, Uri url, SearchReply? reply, SignedReply? signed, bool isTrusted, bool isFromCache = false)
    {
        if (ReplyCheck.Take(reply, url.Host, _query.Parts.Count) is not { } sound)
        {
            return false;
        }

        _sites[site] = (sound.Hits.Count > 0 || sound.Matches > 0, isFromCache) switch
        {
            (true, false) => SiteState.Answered,
            (false, false) => SiteState.Empty,
            (true, true) => SiteState.AnsweredFromCache,
            (false, true) => SiteState.EmptyFromCache,
        };
        _merger.Add(site, url, sound);
        Keep(site, sound, signed);
        Recommend(site, sound, signed, isTrusted);
        return true;
    }

    private SearchResults Results(bool isFinal) => new()
    {
        Hits = _merger.Best(),
        Matches = _merger.Matches,
        Progress = new()
        {
            Candidates = _sites.Count,
            Answered = Count(SiteState.Answered, SiteState.Empty, SiteState.AnsweredFromCache, SiteState.EmptyFromCache),
            FromCache = Count(SiteState.AnsweredFromCache, SiteState.EmptyFromCache),
            Empty = Count(SiteState.Empty, SiteState.EmptyFromCache),
            Silent = isFinal ? Count(SiteState.Silent, SiteState.Asked) : Count(SiteState.Silent),
            Away = Count(SiteState.Away),
            IsFinal = isFinal,
            IsWhole = _isWhole,
        },
        Problem = isFinal || _isWhole ? _problem : null,
        SilentSites = isFinal ? Names(SiteState.Silent, SiteState.Asked) : Names(SiteState.Silent),
        AwaySites = Names(SiteState.Away),
    };

    private int Count(params ReadOnlySpan<SiteState> states)
    {
        var count = 0;
        foreach (var state in _sites.Values)
        {
            count += states.Contains(state) ? 1 : 0;
        }

        return count;
    }

    private IReadOnlyList<string> Names(params SiteState[] states) => [.. _sites.Where(site => states.Contains(site.Value)).Select(site => site.Key.Value).Order(StringComparer.Ordinal)];

    private enum SiteState
    {
        Asked,
        Answered,
        Empty,
        AnsweredFromCache,
        EmptyFromCache,
        Silent,
        Away,
    }

    /// <summary>Is a machine that is asked for a site.</summary>
    private sealed class Target(Candidate candidate) : IDisposable
    {
        private CancellationTokenSource? _end;

        public Candidate Candidate => candidate;

        public CancellationToken End { get; private set; }

        public void Begin(CancellationToken end)
        {
            _end = CancellationTokenSource.CreateLinkedTokenSource(end);
            End = _end.Token;
        }

        public void Cancel() => _end?.Cancel();

        public void Dispose() => _end?.Dispose();
    }
}
