using Microsoft.Extensions.Logging;
using P2P.YouServ;

namespace P2P.YouSearch.Index;

/// <summary>Keeps a <see cref="FtsIndex"/> for each site in a file below a folder.</summary>
internal sealed class FtsIndexFactory(string folder, ILogger logger) : IIndexFactory
{
    private const string CopiesFolder = "copies";
    private const string Extension = ".db";

    public async ValueTask<ISearchIndex> OpenAsync(ServedSite site, CancellationToken cancellationToken) =>
        await FtsIndex.OpenAsync(site.IsCopy ? PathOf(site.Name.Value) : Path.Combine(folder, "index" + Extension), logger, cancellationToken).ConfigureAwait(false);

    public ValueTask KeepAsync(IReadOnlyCollection<SiteName> copies, CancellationToken cancellationToken)
    {
        var kept = copies.Select(copy => copy.Value).ToHashSet(StringComparer.Ordinal);
        var path = Path.Combine(folder, CopiesFolder);
        foreach (var file in Directory.Exists(path) ? Directory.GetFiles(path) : [])
        {
            // Beside an index lie its log and what was set aside of it, which begin with its name.
            if (!kept.Contains(Path.GetFileName(file).Split('.')[0]))
            {
                File.Delete(file);
            }
        }

        return default;
    }

    private string PathOf(string site) => Path.Combine(folder, CopiesFolder, site + Extension);
}
