using Microsoft.Extensions.Logging;
using P2P.Bloom;
using P2P.YouSearch.Hosting;
using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;
using P2P.YouServ;

namespace P2P.YouSearch;

/// <summary>
/// Knows which sites may have an answer, from summaries that they send, and nothing of what is in them. It lives beside a coordinator, in memory only. Any number of callers may ask at the same time.
/// </summary>
public sealed partial class Registrar : IAsyncDisposable
{
    /// <summary>Of how many of the sites that are reported at once copies are looked up.</summary>
    private const int CopiesMax = 20;

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>How often questions for sites that are away make it look where they are.</summary>
    private static readonly TimeSpan FollowInterval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly RegistrarMachine _machine;
    private readonly ISummaryVectors _vectors;
    private readonly SiteFollower _places;
    private readonly IPeerProbe _probe;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly RegistrarMetrics _metrics;
    private readonly CancellationTokenSource _stop = new();
    private readonly long _start;
    private readonly List<Task> _probes = [];

    [ThreadStatic]
    private static SiteSet? _found;

    private TaskCompletionSource _looked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _looking = Task.CompletedTask;
    private long _followedAt;
    private bool _isDisposed;

    internal Registrar(RegistrarMachine machine, RegistrarParts parts)
    {
        _machine = machine;
        _vectors = parts.Vectors;
        _places = parts.Places;
        _probe = parts.Probe;
        _clock = parts.Clock;
        _logger = parts.Logger;
        _start = _clock.GetTimestamp();
        _metrics = new(parts.MeterFactory, () => Locked(() => machine.SiteCount), () => Locked(() => machine.CachedCount), () => parts.Vectors.MemoryBytes);
    }

    private TimeSpan Now => _clock.GetElapsedTime(_start);

    /// <summary>Tells it what a site's summaries are now, or that they are as they were.</summary>
    /// <param name="asker">Who says so.</param>
    /// <param name="askersSite">The site of the peer that says so: the one that is registered, or that of who stands in with a copy.</param>
    /// <param name="registration">The site and its summaries.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="YouSearchException">It is refused.</exception>
    public async ValueTask<RegistrationResult> RegisterAsync(Visitor asker, SiteName? askersSite, SiteRegistration registration, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(asker);
        ArgumentNullException.ThrowIfNull(registration);
        return (await RegisterAsync(Askers.Of(asker, askersSite), RegistrationNews.Of(registration, _vectors.Parts), cancellationToken).ConfigureAwait(false)).OrThrow();
    }

    /// <summary>Asks which sites may have an answer.</summary>
    /// <param name="asker">Who asks.</param>
    /// <param name="askersSite">The site of the peer that asks; null for none.</param>
    /// <param name="query">What is looked for.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="YouSearchException">It is refused.</exception>
    public async ValueTask<CandidateList> FindAsync(Visitor asker, SiteName? askersSite, CandidateQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(asker);
        ArgumentNullException.ThrowIfNull(query);
        return (await FindAsync(Askers.Of(asker, askersSite), query, cancellationToken).ConfigureAwait(false)).OrThrow();
    }

    /// <summary>Tells it which sites have not answered: it looks itself, and names those that are dead no more.</summary>
    /// <param name="asker">Who says so.</param>
    /// <param name="askersSite">The site of the peer that says so; null for none.</param>
    /// <param name="sites">The sites.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Where copies of these sites can be asked meanwhile, at most one for each.</returns>
    /// <exception cref="YouSearchException">It is refused.</exception>
    public async ValueTask<IReadOnlyList<Candidate>> ReportSilentAsync(Visitor asker, SiteName? askersSite, IReadOnlyList<SiteName> sites, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(asker);
        ArgumentNullException.ThrowIfNull(sites);
        return (await ReportSilentAsync(Askers.Of(asker, askersSite), sites, cancellationToken).ConfigureAwait(false)).OrThrow();
    }

    /// <summary>Offers to answer a query for others of the same rights.</summary>
    /// <param name="asker">Who offers it.</param>
    /// <param name="askersSite">The site of the peer that keeps the answer.</param>
    /// <param name="key">The <see cref="CandidateQuery.Key"/>.</param>
    /// <param name="sequence">The <see cref="CandidateList.Sequence"/> of the list whose sites were asked.</param>
    /// <exception cref="YouSearchException">It is refused.</exception>
    public void OfferCached(Visitor asker, SiteName? askersSite, string key, long sequence)
    {
        ArgumentNullException.ThrowIfNull(asker);
        ArgumentNullException.ThrowIfNull(key);
        Throw(OfferCached(Askers.Of(asker, askersSite), key, sequence));
    }

    internal int Parts => _vectors.Parts;

    /// <summary>Begins to follow where sites are, and to forget those that are not heard. When this completes, it knows where they are.</summary>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        await _places.FollowAsync(Locate, cancellationToken).ConfigureAwait(false);
        await _vectors.CheckAsync(cancellationToken).ConfigureAwait(false);
        _looking = Task.Run(LookAgainAndAgainAsync, CancellationToken.None);
    }

    /// <summary>Completes at the end of the next look: who moves a clock knows then that it was seen.</summary>
    internal Task LookedAsync() => Volatile.Read(ref _looked).Task;

    /// <summary>Completes when all looks for silent sites have that have begun.</summary>
    internal Task ProbedAsync() => Task.WhenAll(Locked(() => _probes.ToArray()));

    internal async ValueTask<RegistrarAnswer<RegistrationResult>> RegisterAsync(Asker asker, RegistrationMessage message, CancellationToken cancellationToken)
    {
        await LearnPlaceAsync(asker, message.Site, cancellationToken).ConfigureAwait(false);
        var answer = Locked(() => _machine.Admit(asker, message, Now)) switch
        {
            Admission.Taken taken => await CarryOutAsync(taken.Site, asker, message).ConfigureAwait(false),
            Admission.Kept => Result(isKnown: true),
            Admission.Refused { Refusal: var refusal } => refusal,
            _ => Result(isKnown: false),
        };
        if (answer.Refusal is { Kind: var kind })
        {
            _metrics.RegistrationRefused(kind);
        }
        else
        {
            _metrics.Registered(answer.Value!.IsKnown);
        }

        return answer;
    }

    internal async ValueTask<RegistrarAnswer<CandidateList>> FindAsync(Asker asker, CandidateQuery query, CancellationToken cancellationToken)
    {
        if (RegistrarMachine.Check(asker, query) is { } refusal)
        {
            _metrics.QueryRefused();
            return refusal;
        }

        if (!RegistrarMachine.AsksSummaries(query))
        {
            return await AnswerAsync(asker, query, found: null, isExact: true, cancellationToken).ConfigureAwait(false);
        }

        // Borrowed: another query of this thread may come before this one's vectors have answered.
        var found = _found ?? new();
        _found = null;
        found.Clear();
        var alternatives = Hashes(query);
        var isExact = await _vectors.FindAsync(SummaryScope.Public, alternatives, found, cancellationToken).ConfigureAwait(false);
        if (asker.IsSignedIn)
        {
            isExact &= await _vectors.FindAsync(SummaryScope.Members, alternatives, found, cancellationToken).ConfigureAwait(false);
        }

        var list = await AnswerAsync(asker, query, found, isExact, cancellationToken).ConfigureAwait(false);
        _found = found;
        return list;
    }

    internal async ValueTask<RegistrarAnswer<IReadOnlyList<Candidate>>> ReportSilentAsync(Asker asker, IReadOnlyList<SiteName> sites, CancellationToken cancellationToken)
    {
        var output = new RegistrarOutbox();
        Refusal? refusal;
        lock (_gate)
        {
            refusal = _machine.ReportSilent(asker, sites, Now, output);
        }

        BeginProbes(output);
        return refusal is null ? await FindCopiesAsync(sites, cancellationToken).ConfigureAwait(false) : refusal;
    }

    internal Refusal? OfferCached(Asker asker, string key, long sequence)
    {
        var refusal = Locked(() => _machine.OfferCached(asker, key, sequence, Now));
        _metrics.Offered(refusal is null);
        return refusal;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _looking.ConfigureAwait(false);
        await ProbedAsync().ConfigureAwait(false);
        await _vectors.DisposeAsync().ConfigureAwait(false);
        _places.Dispose();
        _stop.Dispose();
    }

    private static BloomHash[][] Hashes(CandidateQuery query)
    {
        var alternatives = new BloomHash[query.Alternatives.Count][];
        for (var index = 0; index < alternatives.Length; index++)
        {
            var terms = query.Alternatives[index];
            var hashes = alternatives[index] = new BloomHash[terms.Count];
            for (var each = 0; each < hashes.Length; each++)
            {
                hashes[each] = SummaryFilter.HashOf(terms[each]);
            }
        }

        return alternatives;
    }

    private static void Throw(Refusal? refusal)
    {
        if (refusal is not null)
        {
            throw new YouSearchException(refusal.Reason);
        }
    }

    private RegistrationResult Result(bool isKnown) => new(isKnown, _machine.Settings.RefreshInterval);

    private async ValueTask<CandidateList> AnswerAsync(Asker asker, CandidateQuery query, SiteSet? found, bool isExact, CancellationToken cancellationToken)
    {
        var list = Locked(() => _machine.Answer(asker, query, found, isExact, Now));
        if (list.Candidates.Any(candidate => candidate.Url is null) && await FollowPlacesAsync(cancellationToken).ConfigureAwait(false))
        {
            // One that is away was, perhaps, until a moment ago.
            list = Locked(() => _machine.Answer(asker, query, found, isExact, Now));
        }

        _metrics.Answered(list);
        return list;
    }

    private T Locked<T>(Func<T> work)
    {
        lock (_gate)
        {
            return work();
        }
    }

    private void Locate(SitePlace place)
    {
        lock (_gate)
        {
            _machine.Locate(place);
        }
    }
}
