using P2P.YouSearch;
using P2P.YouServ;

namespace Consumer.Seams;

/// <summary>Opens an index in memory for each site, empty each time: the peer fills it anew.</summary>
internal sealed class WordIndexFactory : IIndexFactory
{
    public List<SiteName> Opened { get; } = [];

    public ValueTask<ISearchIndex> OpenAsync(ServedSite site, CancellationToken cancellationToken = default)
    {
        Opened.Add(site.Name);
        return new(new WordIndex());
    }

    public ValueTask KeepAsync(IReadOnlyCollection<SiteName> copies, CancellationToken cancellationToken = default) => default;
}
