using System.Globalization;
using System.Text;
using P2P.YouSearch.Http;
using P2P.YouSearch.Wire;
using P2P.YouServ;

namespace P2P.YouSearch.Hosting;

/// <summary>Writes the results of searches as pages into the user's folder. They need no script, and lead nowhere but to the documents.</summary>
internal sealed class SavedPages(string siteFolder, string savedFolder, TimeProvider clock)
{
    private const int NameLengthMax = 60;

    /// <summary>Tells where the page of a query is.</summary>
    public SitePath PageOf(SearchQuery query) => SitePath.Parse($"{savedFolder}/{NameOf(query)}");

    /// <exception cref="YouSearchException">The page cannot be written.</exception>
    public async Task<SavedSearch> WriteAsync(SearchQuery query, SearchResults results, bool includesPrivate, CancellationToken cancellationToken)
    {
        var page = PageOf(query);
        var now = clock.GetUtcNow();
        var shown = results.Hits.Where(hit => hit.Path != page && (includesPrivate || hit.Audience == Audience.Everyone)).ToList(); // Else a page that is refreshed would cite itself.
        var path = PathOf(page);
        var next = $"{path}.{Guid.NewGuid():n}.new";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(next, SavedPage.Of(query, shown, results, now), cancellationToken).ConfigureAwait(false);
            File.Move(next, path, overwrite: true);
        }
        catch (OperationCanceledException)
        {
            DeletePart(next);
            throw;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            DeletePart(next);
            throw new YouSearchException($"The page {page} cannot be written: {failure.Message}", failure);
        }

        return new() { Query = query.Canonical, Page = page, IncludesPrivate = includesPrivate, SavedAt = now };
    }

    /// <exception cref="YouSearchException">The page cannot be deleted.</exception>
    public void Delete(SitePath page)
    {
        try
        {
            File.Delete(PathOf(page));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new YouSearchException($"The page {page} cannot be deleted: {failure.Message}", failure);
        }
    }

    /// <summary>What was begun of a page is no part of the site.</summary>
    private static void DeletePart(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception ignored) when (ignored is IOException or UnauthorizedAccessException)
        {
            // Why the page could not be written is told already.
        }
    }

    private string PathOf(SitePath page) => Path.Combine([siteFolder, .. page.Value.Split('/')]);

    /// <summary>Names a page so that people know it, and no two queries share one.</summary>
    private static string NameOf(SearchQuery query)
    {
        var name = new StringBuilder();
        foreach (var letter in query.Canonical)
        {
            if (name.Length >= NameLengthMax)
            {
                break;
            }

            if (char.IsAsciiLetterOrDigit(letter))
            {
                name.Append(letter);
            }
            else if (name.Length > 0 && name[^1] != '-')
            {
                name.Append('-');
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{name.ToString().Trim('-')}-{QueryKey.Of(query, 0)[..8]}.html").TrimStart('-');
    }
}
