using P2P.YouSearch;
using P2P.YouServ;

namespace PersonalWeb;

/// <summary>Walks through searching everyone's sites.</summary>
internal static class SearchScenes
{
    public static async Task PlayAsync(Village village, Func<string, Func<Task<string>>, string, Task> sceneAsync, CancellationToken cancellationToken)
    {
        var (joe, alice, bob) = (village["joe"], village["alice"], village["bob"]);
        foreach (var resident in village.Residents)
        {
            await resident.Peer.WhenAsync(PeerState.Serving, cancellationToken); // Bob has to find another way since joe's machine was off.
            await resident.Search.WhenFoundAsync(cancellationToken);
        }

        await sceneAsync("Alice searches for the phrase “rendezvous point”, and the machines of others answer", () => SitesAsync(alice, "\"rendezvous point\" type:md", cancellationToken), "bob joe");
        await sceneAsync("Nobody has the word “umbrella”, so nobody is asked but her own machine", () => AskedAsync(alice, "umbrella", cancellationToken), "1");

        await SaveAsync(joe, "notes/umbrella.md", "The red umbrella in the hall is mine.\n", cancellationToken);
        await sceneAsync("Joe saves a note, and she finds it", () => FirstAsync(alice, "umbrella", cancellationToken), "joe/notes/umbrella.md: The red umbrella in the hall is mine.");
        await SaveAsync(joe, "diary.txt", "I have lost my umbrella again.\n", cancellationToken);
        await sceneAsync("What joe writes into his diary he finds himself", () => CountAsync(joe, "umbrella lost", cancellationToken), "1");
        await sceneAsync("She does not, and is not told that there is something", () => CountAsync(alice, "umbrella lost", cancellationToken), "0");

        await SaveAsync(bob, "notes/umbrella.md", "# Umbrellas, umbrellas\n\nAn umbrella, another umbrella, and the umbrella of the neighbours.\n", cancellationToken);
        await sceneAsync("Bob writes of umbrellas more often, so that his note comes first", () => FirstPathAsync(bob, "umbrella", cancellationToken), "bob/notes/umbrella.md");
        await alice.Search.RecommendAsync("umbrella", "family", SiteName.Parse("joe"), SitePath.Parse("notes/umbrella.md"), cancellationToken);
        await alice.Search.WhenFoundAsync(cancellationToken);
        await sceneAsync("Alice recommends joe's to the family, and it comes first for bob", () => RecommendedAsync(bob, "umbrella", cancellationToken), "joe/notes/umbrella.md, by alice@example.org");

        var page = (await alice.Search.SaveAsync("umbrella", includesPrivate: true, cancellationToken)).Page;
        await sceneAsync("She keeps what was found as a page of her site", () => Task.FromResult(File.Exists(Path.Combine(alice.Site, page.Value)) ? "there" : "not there"), "there");

        File.Delete(Path.Combine(joe.Site, "notes", "umbrella.md"));
        await joe.Search.WhenFoundAsync(cancellationToken);
        await sceneAsync("Joe deletes his note, and nobody is led there any more", () => FirstPathAsync(alice, "umbrella", cancellationToken), "bob/notes/umbrella.md");
    }

    private static async Task SaveAsync(Resident resident, string path, string text, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Path.Combine(resident.Site, path), text, cancellationToken);
        await resident.Search.WhenFoundAsync(cancellationToken);
    }

    private static async Task<string> SitesAsync(Resident resident, string query, CancellationToken cancellationToken) =>
        string.Join(' ', (await resident.Search.FindAsync(query, cancellationToken: cancellationToken)).Hits.Select(hit => hit.Site.Value).Distinct().Order(StringComparer.Ordinal));

    private static async Task<string> AskedAsync(Resident resident, string query, CancellationToken cancellationToken) =>
        $"{(await resident.Search.FindAsync(query, cancellationToken: cancellationToken)).Progress.Candidates}";

    private static async Task<string> CountAsync(Resident resident, string query, CancellationToken cancellationToken) =>
        $"{(await resident.Search.FindAsync(query, cancellationToken: cancellationToken)).Matches}";

    private static async Task<string> FirstAsync(Resident resident, string query, CancellationToken cancellationToken) =>
        (await resident.Search.FindAsync(query, cancellationToken: cancellationToken)).Hits is [var hit, ..] ? $"{Place(hit)}: {hit.Snippet.Text.Split('\n')[^1]}" : "nothing";

    private static async Task<string> FirstPathAsync(Resident resident, string query, CancellationToken cancellationToken) =>
        (await resident.Search.FindAsync(query, cancellationToken: cancellationToken)).Hits is [var hit, ..] ? Place(hit) : "nothing";

    private static async Task<string> RecommendedAsync(Resident resident, string query, CancellationToken cancellationToken) =>
        (await resident.Search.FindAsync(query, cancellationToken: cancellationToken)).Hits is [{ RecommendedBy: [var by, ..] } hit, ..] ? $"{Place(hit)}, by {by.User}" : "nothing recommended";

    private static string Place(SearchHit hit) => $"{hit.Site}{hit.Path}";
}
