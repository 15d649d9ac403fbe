using P2P.YouServ;

namespace P2P.YouSearch;

/// <summary>
/// Keeps the words of one site's documents, and finds documents by them. Any number of callers may ask while one updates: who asks sees all of an update or nothing of it.
/// </summary>
public interface ISearchIndex : IAsyncDisposable
{
    /// <summary>How often the index has begun anew with nothing since it was opened, because it was damaged: whoever keeps it up to date lists anew what it knows of then.</summary>
    long Beginnings => 0;

    /// <summary>Lists what the index knows of, so that what has changed since can be told.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<IndexedFile>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Brings the index up to date, durably and at once.</summary>
    /// <param name="changes">What has changed, in an order in which it may be carried out.</param>
    /// <param name="cancellationToken">Stops waiting; the changes may be made nevertheless.</param>
    ValueTask UpdateAsync(IReadOnlyList<IndexChange> changes, CancellationToken cancellationToken = default);

    /// <summary>Finds the documents that match a query, the best first.</summary>
    /// <param name="query">The query; what it says of sites and groups does not count here.</param>
    /// <param name="areas">The <see cref="IndexedFile.Area"/>s in which to look: no document of another one is found or counted. Null for all.</param>
    /// <param name="count">How many documents at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IndexAnswer> SearchAsync(SearchQuery query, IReadOnlyCollection<string>? areas, int count, CancellationToken cancellationToken = default);

    /// <summary>Describes one document as it would stand among the hits of a query, whether or not it matches.</summary>
    /// <param name="path">Where the document is.</param>
    /// <param name="query">The query, for the snippet.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The document; null if the index has none of that path.</returns>
    ValueTask<IndexHit?> DescribeAsync(SitePath path, SearchQuery query, CancellationToken cancellationToken = default);

    /// <summary>Reads what a summary of the documents in some areas has to hold: hashes of <see cref="SummaryTerms"/>, each once.</summary>
    /// <param name="areas">The areas; null for all.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlySet<ulong>> ReadTermsAsync(IReadOnlyCollection<string>? areas, CancellationToken cancellationToken = default);
}
