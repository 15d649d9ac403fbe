using P2P.Bloom;
using P2P.YouSearch.Protocol;

namespace P2P.YouSearch.Hosting;

/// <summary>
/// Holds the bits of summaries, and finds sites by them. It never leaves out a site whose present summary it was given: what it could not be told, or has lost, it names for everything.
/// Queries come at any time and many at once; news of one site one after the other.
/// </summary>
internal interface ISummaryVectors : IAsyncDisposable
{
    /// <summary>In how many parts changes come: 1, or one for each vector.</summary>
    int Parts { get; }

    /// <summary>The bytes of memory that the bits take here.</summary>
    long MemoryBytes { get; }

    /// <summary>Tells whether a summary that was given is missing somewhere where it could be now: then it is wanted whole.</summary>
    bool IsLacking(SummaryScope scope, int site);

    /// <summary>Gives a site a summary.</summary>
    ValueTask<VectorOutcome> SetAsync(SummaryScope scope, int site, PartitionedBloomFilter filter);

    /// <summary>Changes a site's summary.</summary>
    ValueTask<VectorOutcome> ChangeAsync(SummaryScope scope, int site, SummaryNews.Changes changes);

    /// <summary>Removes a site's summary, if it has one.</summary>
    ValueTask RemoveAsync(SummaryScope scope, int site);

    /// <summary>Adds the sites to a set whose summaries may hold all hashes of one of the alternatives.</summary>
    /// <returns>Whether all vectors were asked, of all sites.</returns>
    ValueTask<bool> FindAsync(SummaryScope scope, BloomHash[][] alternatives, SiteSet found, CancellationToken cancellationToken = default);

    /// <summary>Looks for those who hold vectors and were not to be reached; called about once a second.</summary>
    ValueTask CheckAsync(CancellationToken cancellationToken = default);
}
