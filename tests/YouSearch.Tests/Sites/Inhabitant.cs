using P2P.YouSearch;
using P2P.YouServ;

namespace YouSearch.Tests.Sites;

/// <summary>Is somebody with a peer that searches.</summary>
internal sealed record Inhabitant(string User, YouServPeer Peer, YouSearchPeer Search, string Folder)
{
    /// <summary>Puts a document into the site, which others find from then on.</summary>
    public async Task WriteAsync(string path, string text)
    {
        var full = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        await File.WriteAllTextAsync(full, text);
        await Search.WhenFoundAsync();
    }

    /// <summary>Says who may read something, which searches know from then on.</summary>
    public async Task OpenAsync(string path, Audience audience, string[]? users = null, string[]? groups = null)
    {
        await Peer.SetRuleAsync(new AccessRule { Path = SitePath.Parse(path), Audience = audience, Users = [.. (users ?? []).Select(user => UserId.Parse($"{user}@example.org"))], Groups = groups ?? [] });
        await Search.WhenFoundAsync();
    }

    /// <summary>Lists where the documents are that this user finds, such as <c>joe/notes.txt</c>, in the order of their names.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(string query, SearchOptions? options = null) =>
        [.. (await Search.FindAsync(query, options)).Hits.Select(hit => $"{hit.Site}{hit.Path}").Order(StringComparer.Ordinal)];
}
