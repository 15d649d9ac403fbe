using Microsoft.Extensions.Logging;
using P2P.YouServ;

namespace P2P.YouSearch.Index;

/// <summary>Keeps a <see cref="FtsIndex"/> for each site in a file below a folder. Those of copies that are not opened for an hour are deleted, since they hold what others have.</summary>
internal sealed class FtsIndexFactory(string folder, TimeProvider clock, ILogger logger) : IIndexFactory
{
    private const string CopiesFolder = "copies";
    private const string Extension = ".db";

    private static readonly TimeSpan CopiesKept = TimeSpan.FromHours(1);

    private readonly HashSet<string> _opened = new(StringComparer.Ordinal);

    public async ValueTask<ISearchIndex> OpenAsync(ServedSite site, CancellationToken cancellationToken)
    {
        DeleteForgotten();
        var path = site.IsCopy ? Path.Combine(folder, CopiesFolder, site.Name.Value + Extension) : Path.Combine(folder, "index" + Extension);
        lock (_opened)
        {
            _opened.Add(path);
        }

        return await FtsIndex.OpenAsync(path, logger, cancellationToken).ConfigureAwait(false);
    }

    private void DeleteForgotten()
    {
        var copies = Path.Combine(folder, CopiesFolder);
        if (!Directory.Exists(copies))
        {
            return;
        }

        foreach (var path in Directory.EnumerateFiles(copies, "*" + Extension).ToList())
        {
            bool isOpened;
            lock (_opened)
            {
                isOpened = _opened.Contains(path);
            }

            if (!isOpened && clock.GetUtcNow() - File.GetLastWriteTimeUtc(path) > CopiesKept)
            {
                File.Delete(path);
                File.Delete(path + "-wal");
                File.Delete(path + "-shm");
            }
        }
    }
}
