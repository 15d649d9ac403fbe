using System.Runtime.CompilerServices;
using P2P.YouSearch.Hosting;
using P2P.YouServ;

namespace P2P.YouSearch;

/// <summary>
/// Makes what a peer of YouServ serves searchable, and searches everyone's sites on behalf of its user. It starts and stops with the host (<c>AddYouSearch</c>). Any number of callers may use it at
/// the same time.
/// </summary>
public sealed class YouSearchPeer : IAsyncDisposable
{
    private readonly YouServPeer _peer;
    private readonly YouSearchOptions _options;
    private readonly OwnerNotes _notes;
    private readonly SiteDesk _desk;
    private readonly Searcher _searcher;
    private readonly Searcher _anonymous;
    private readonly SavedPages _saved;
    private bool _isDisposed;

    internal YouSearchPeer(YouServPeer peer, YouSearchOptions options, OwnerNotes notes, SiteDesk desk, Searcher searcher, Searcher anonymous, SavedPages saved, GatheredAnswers answers, SearchMetrics metrics)
    {
        (_peer, _options, _notes, _desk, _searcher, _anonymous, _saved, Answers, Metrics) = (peer, options, notes, desk, searcher, anonymous, saved, answers, metrics);
    }

    /// <summary>What the user recommends to groups.</summary>
    public IReadOnlyList<Recommendation> Recommendations => _notes.Recommendations;

    /// <summary>The searches whose results are kept as pages of the user's site.</summary>
    public IReadOnlyList<SavedSearch> Saved => _notes.Saved;

    /// <summary>Folders and files that are private, and of whose words the registrar may know nevertheless.</summary>
    public IReadOnlyList<SitePath> Summarized => _notes.Agreed;

    internal GatheredAnswers Answers { get; }

    internal SearchMetrics Metrics { get; }

    internal bool AnswersOthers => _options.AnswersOthers;

    /// <summary>
    /// Searches everyone's sites, as the user of this peer. What was found so far comes again and again, each time whole and in its order; the last says that it is final.
    /// </summary>
    /// <param name="query">What to look for (<see cref="SearchQuery"/>).</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="YouSearchException">The query is none, or names a group of which the user is no member. While nobody has signed in, or the coordinator is away, no site but the user's own is asked.</exception>
    public async IAsyncEnumerable<SearchResults> SearchAsync(string query, SearchOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var parsed = Parse(query);
        var self = await SelfAsync(cancellationToken).ConfigureAwait(false);
        CheckGroup(parsed, self);
        await foreach (var results in _searcher.SearchAsync(parsed, options ?? new(), self, LocalFor(self.Visitor), cancellationToken).ConfigureAwait(false))
        {
            yield return results;
        }
    }

    /// <summary>Searches to the end.</summary>
    /// <inheritdoc cref="SearchAsync"/>
    /// <returns>All that was found.</returns>
    public async ValueTask<SearchResults> FindAsync(string query, SearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        SearchResults? last = null;
        await foreach (var results in SearchAsync(query, options, cancellationToken).ConfigureAwait(false))
        {
            last = results;
        }

        return last!;
    }

    /// <summary>Recommends a document to a group: members who search for the same see it first, and by whom, if they may read it.</summary>
    /// <param name="query">The query; every query of the same meaning counts.</param>
    /// <param name="group">The group, of which the user is a member.</param>
    /// <param name="site">The site that has the document.</param>
    /// <param name="path">Where it is in the site.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="YouSearchException">The query is none, the user is no member of the group, or recommends too many documents already.</exception>
    public async ValueTask RecommendAsync(string query, string group, SiteName site, SitePath path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(group);
        var recommendation = new Recommendation { Query = Parse(query).Canonical, Group = group.ToLowerInvariant(), Site = site, Path = path };
        var self = await SelfAsync(cancellationToken).ConfigureAwait(false);
        if (!self.Visitor.Groups.Contains(recommendation.Group))
        {
            throw new YouSearchException($"You are not in the group {recommendation.Group}, and so recommend nothing to it.");
        }

        await _notes.RecommendAsync(recommendation, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a recommendation back.</summary>
    /// <param name="recommendation">The recommendation.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public ValueTask UnrecommendAsync(Recommendation recommendation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recommendation);
        return new(_notes.UnrecommendAsync(recommendation, cancellationToken));
    }

    /// <summary>
    /// Keeps the results of a search as a page of the user's site. It lies in <see cref="YouSearchOptions.SavedFolder"/>, which nobody but the user reads unless a rule opens it; so that opening it gives nothing away, it has
    /// none but documents that everyone may read, unless the user says otherwise.
    /// </summary>
    /// <param name="query">The query.</param>
    /// <param name="includesPrivate">Whether documents are on it that not everyone may read: whoever may read the page sees their titles and passages.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="YouSearchException">The query is none, or the page cannot be written.</exception>
    public async ValueTask<SavedSearch> SaveAsync(string query, bool includesPrivate = false, CancellationToken cancellationToken = default)
    {
        var parsed = Parse(query);
        _notes.CheckRoomFor(_saved.PageOf(parsed));
        var results = await FindAsync(parsed.Canonical, new() { Count = 200, UsesCache = false }, cancellationToken).ConfigureAwait(false);
        var saved = await _saved.WriteAsync(parsed, results, includesPrivate, cancellationToken).ConfigureAwait(false);
        await _notes.SaveAsync(saved, cancellationToken).ConfigureAwait(false);
        return saved;
    }

    /// <summary>Gathers the results of a saved search anew, and replaces its page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="YouSearchException">No search is saved there, or the page cannot be written.</exception>
    public async ValueTask<SavedSearch> RefreshAsync(SitePath page, CancellationToken cancellationToken = default)
    {
        var saved = Saved.FirstOrDefault(saved => saved.Page == page) ?? throw new YouSearchException($"No search is saved at {page}.");
        return await SaveAsync(saved.Query, saved.IncludesPrivate, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets a saved search, and deletes its page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="YouSearchException">The page cannot be deleted.</exception>
    public async ValueTask ForgetAsync(SitePath page, CancellationToken cancellationToken = default)
    {
        if (Saved.Any(saved => saved.Page == page))
        {
            _saved.Delete(page);
            await _notes.ForgetAsync(page, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Says whether the registrar may know of words in what is private. If not, which is the default, it is found by those who may read it when they search in a work group (<c>group:</c>) or at this site
    /// (<c>site:</c>), and not by other searches. What the registrar knows does not tell it the words, but lets it guess whether one is there; and those who have signed in learn that this site may have it.
    /// </summary>
    /// <param name="path">A folder, with all in it, or a file.</param>
    /// <param name="isSummarized">Whether it may.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="YouSearchException">There are too many such folders.</exception>
    public ValueTask SetSummarizedAsync(SitePath path, bool isSummarized, CancellationToken cancellationToken = default) => new(_notes.AgreeAsync(path, isSummarized, cancellationToken));

    /// <summary>Completes when all that is in the user's folder now can be found: it is in the index, and the registrar knows of it.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="YouSearchException">Nobody has signed in.</exception>
    public async ValueTask WhenFoundAsync(CancellationToken cancellationToken = default) => await _desk.WhenFoundAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Searches on behalf of a visitor of one of this peer's sites: that site as the visitor, and all others as somebody who has proven nothing, since who a visitor is was proven to that site alone.</summary>
    internal IAsyncEnumerable<SearchResults> SearchForVisitorAsync(SearchQuery query, SearchOptions options, ServedSite site, Uri url, Visitor visitor, CancellationToken cancellationToken) =>
        _anonymous.SearchAsync(query, options, SearchSelf.Nobody, _desk.Find(site.Host) is { } own ? new LocalSite(own, visitor, url) : null, cancellationToken);

    internal SearchableSite? Find(string host) => _desk.Find(host);

    /// <summary>Verifies what was proven to one of the peer's sites, or for those of certain rights.</summary>
    internal UserProof? Verify(string proof, string audience, ReadOnlyMemory<byte> message, TimeSpan ageMax) => _peer.ReadProof(proof, audience, message.Span, ageMax);

    internal ValueTask<UserProver> GetProverAsync(CancellationToken cancellationToken) => _peer.GetProverAsync(cancellationToken);

    /// <summary>Gives on whose behalf the peer asks: its user's, or nobody's while that cannot be proven.</summary>
    internal async ValueTask<SearchSelf> SelfAsync(CancellationToken cancellationToken)
    {
        try
        {
            return new SearchSelf { Prover = await _peer.GetProverAsync(cancellationToken).ConfigureAwait(false), Verify = Verify };
        }
        catch (YouServException)
        {
            return SearchSelf.Nobody;
        }
    }

    /// <summary>Completes when what follows searches is done: answers are kept and offered to others.</summary>
    internal Task WhenIdleAsync() => _searcher.WhenIdleAsync();

    internal static void CheckGroup(SearchQuery query, SearchSelf self)
    {
        if (query.Group is { } group && !self.Visitor.Groups.Contains(group))
        {
            throw new YouSearchException($"You are not in the group {group}: only its members search in it.");
        }
    }

    internal static SearchQuery Parse(string query) => SearchQuery.TryParse(query, out var parsed, out var problem) ? parsed : throw new YouSearchException(problem);

    internal void Start() => _desk.Start();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await _searcher.DisposeAsync().ConfigureAwait(false);
        await _anonymous.DisposeAsync().ConfigureAwait(false);
        await _desk.DisposeAsync().ConfigureAwait(false);
        _notes.Dispose();
    }

    /// <summary>The user's own site, asked as its owner even while nothing can be proven to others.</summary>
    private LocalSite? LocalFor(Visitor visitor) => _desk.Own is { } own
        ? new(own, visitor with { User = own.Site.Owner, IsOwner = true }, _peer.Status.Url ?? new Uri($"{own.Site.Coordinator?.Scheme ?? "http"}://{own.Host}/"))
        : null;
}
