using P2P.YouSearch;
using P2P.YouSearch.Index;
using P2P.YouServ;
using YouServ.Tests;

namespace YouSearch.Tests.Index;

/// <summary>An index in a folder of its own, and short ways to change and ask it.</summary>
internal sealed class TestIndex : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FtsIndex Index { get; private set; } = null!;

    public string File => _folder.In("index", "search.db");

    public static async Task<TestIndex> OpenAsync()
    {
        var test = new TestIndex();
        test.Index = await FtsIndex.OpenAsync(test.File);
        return test;
    }

    public static SearchQuery Query(string text) => SearchQuery.TryParse(text, out var query, out var problem) ? query : throw new ArgumentException(problem, nameof(text));

    public static IndexedFile FileAt(string path, string area = "public", string stamp = "1") =>
        new() { Path = SitePath.Parse(path), Stamp = stamp, Digest = $"digest of {path}", Area = area, HasText = true };

    public static IndexChange Put(string path, string? text, string area = "public", string? title = null, string type = "txt") =>
        new IndexChange.Put(FileAt(path, area), text?.Length ?? 0, DateTimeOffset.UnixEpoch, text is null ? null : new ExtractedText(type, title, text));

    public static IndexChange Moved(string from, string to, string area = "public", string stamp = "2") =>
        new IndexChange.Moved(SitePath.Parse(from), FileAt(to, area, stamp), DateTimeOffset.UnixEpoch);

    public static IndexChange Removed(string path) => new IndexChange.Removed(SitePath.Parse(path));

    public async Task UpdateAsync(params IndexChange[] changes) => await Index.UpdateAsync(changes);

    public async Task<IndexAnswer> SearchAsync(string query, params string[]? areas) => await Index.SearchAsync(Query(query), areas is [] ? null : areas, 10);

    /// <summary>Lists the paths that a query finds, sorted.</summary>
    public async Task<string> FindAsync(string query, params string[]? areas) =>
        string.Join(' ', (await SearchAsync(query, areas)).Hits.Select(hit => hit.Path.Value).Order(StringComparer.Ordinal));

    public async Task CloseAsync() => await Index.DisposeAsync();

    public async Task ReopenAsync()
    {
        await CloseAsync();
        Index = await FtsIndex.OpenAsync(File);
    }

    public async ValueTask DisposeAsync()
    {
        await Index.DisposeAsync();
        _folder.Dispose();
    }
}
