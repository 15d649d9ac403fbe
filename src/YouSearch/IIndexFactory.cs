using P2P.YouServ;

namespace P2P.YouSearch;

/// <summary>Opens the index of each site that a peer serves. One of one's own, in the container, puts another kind of index in the place of <see cref="Index.FtsIndex"/>.</summary>
public interface IIndexFactory
{
    /// <summary>Opens an index, which whoever asks disposes of.</summary>
    /// <param name="site">The site, the user's own or a copy.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<ISearchIndex> OpenAsync(ServedSite site, CancellationToken cancellationToken = default);

    /// <summary>Deletes the indexes of copies that the peer keeps no more, none of which is open: they hold what others have.</summary>
    /// <param name="copies">The sites of which it keeps copies.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask KeepAsync(IReadOnlyCollection<SiteName> copies, CancellationToken cancellationToken = default);
}
