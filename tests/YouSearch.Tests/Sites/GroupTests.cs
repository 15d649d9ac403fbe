using P2P.YouSearch;
using P2P.YouServ;

namespace YouSearch.Tests.Sites;

public sealed class GroupTests
{
    [Fact]
    public async Task A_recommended_document_comes_first_for_members_of_the_group_and_not_for_others()
    {
        await using var village = await SearchVillage.StartAsync();
        var (joe, alice, bob, carol) = await SettleAsync(village);
        Assert.Equal("joe/umbrellas-umbrellas.txt", First(await bob.Search.FindAsync("umbrella")));

        await alice.Search.RecommendAsync("Umbrella", "staff", SiteName.Parse("joe"), SitePath.Parse("long.txt"));
        await alice.Search.WhenFoundAsync();
        var forBob = await bob.Search.FindAsync("umbrella");
        Assert.Equal("joe/long.txt", First(forBob));
        Assert.Equal([new RecommendedBy("alice@example.org", "staff")], forBob.Hits[0].RecommendedBy);
        Assert.Equal("joe/long.txt", First(await alice.Search.FindAsync("umbrella")));

        var forCarol = await carol.Search.FindAsync("umbrella");
        Assert.Equal("joe/umbrellas-umbrellas.txt", First(forCarol));
        Assert.All(forCarol.Hits, hit => Assert.Empty(hit.RecommendedBy));
        Assert.Empty((await bob.Search.FindAsync("umbrella -rain")).Hits.SelectMany(hit => hit.RecommendedBy));

        await alice.Search.UnrecommendAsync(alice.Search.Recommendations[0]);
        await alice.Search.WhenFoundAsync();
        Assert.Equal("joe/umbrellas-umbrellas.txt", First(await bob.Search.FindAsync("umbrella")));
        Assert.NotNull(joe);
    }

    [Fact]
    public async Task A_recommendation_shows_nobody_what_he_may_not_read()
    {
        await using var village = await SearchVillage.StartAsync();
        var (joe, alice, bob, _) = await SettleAsync(village);
        await joe.OpenAsync("for-alice", Audience.Named, users: ["alice"]);
        await joe.WriteAsync("for-alice/plan.txt", "The plan with the umbrella.");
        await alice.Search.RecommendAsync("umbrella", "staff", SiteName.Parse("joe"), SitePath.Parse("for-alice/plan.txt"));
        await alice.Search.WhenFoundAsync();
        Assert.Equal("joe/for-alice/plan.txt", First(await alice.Search.FindAsync("umbrella")));
        Assert.DoesNotContain((await bob.Search.FindAsync("umbrella")).Hits, hit => hit.Path.Value.StartsWith("for-alice", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_members_recommend_to_a_group_and_search_in_it()
    {
        await using var village = await SearchVillage.StartAsync();
        var carol = await village.AddAsync("carol", ["guests"]);
        Assert.Contains("not in the group staff", (await Assert.ThrowsAsync<YouSearchException>(async () => await carol.Search.RecommendAsync("umbrella", "staff", SiteName.Parse("joe"), SitePath.Parse("a")))).Message, StringComparison.Ordinal);
        Assert.Contains("not in the group staff", (await Assert.ThrowsAsync<YouSearchException>(async () => await carol.Search.FindAsync("umbrella group:staff"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_saved_search_is_a_page_of_the_site_that_gives_nothing_away_and_can_be_refreshed()
    {
        await using var village = await SearchVillage.StartAsync();
        var (joe, alice, _, _) = await SettleAsync(village);
        await joe.OpenAsync("for-alice", Audience.Named, users: ["alice"]);
        await joe.WriteAsync("for-alice/plan.txt", "The secret plan with the umbrella.");
        await alice.WriteAsync("<b>bold</b>.txt", "<script>alert('umbrella')</script>");
        await alice.OpenAsync("", Audience.Everyone);

        var saved = await alice.Search.SaveAsync("umbrella site:joe site:alice");
        var page = await File.ReadAllTextAsync(Path.Combine(alice.Folder, saved.Page.Value));
        Assert.StartsWith("searches/umbrella-site-alice-site-joe-", saved.Page.Value, StringComparison.Ordinal);
        Assert.Contains("long.txt", page, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);

        await joe.WriteAsync("newer.txt", "A newer umbrella.");
        await alice.Search.RefreshAsync(saved.Page);
        Assert.Contains("newer.txt", await File.ReadAllTextAsync(Path.Combine(alice.Folder, saved.Page.Value)), StringComparison.Ordinal);
        var whole = await alice.Search.SaveAsync("umbrella site:joe", includesPrivate: true);
        Assert.Contains("secret", await File.ReadAllTextAsync(Path.Combine(alice.Folder, whole.Page.Value)), StringComparison.Ordinal);

        await alice.Search.ForgetAsync(saved.Page);
        Assert.False(File.Exists(Path.Combine(alice.Folder, saved.Page.Value)));
        Assert.Equal([whole.Page], alice.Search.Saved.Select(search => search.Page));
    }

    private static string First(SearchResults results) => $"{results.Hits[0].Site}{results.Hits[0].Path}";

    private static async Task<(Inhabitant Joe, Inhabitant Alice, Inhabitant Bob, Inhabitant Carol)> SettleAsync(SearchVillage village)
    {
        var joe = await village.AddAsync("joe");
        await joe.OpenAsync("", Audience.Everyone);
        await joe.WriteAsync("umbrellas-umbrellas.txt", "umbrella umbrella umbrella rain");
        await joe.WriteAsync("long.txt", $"umbrella rain {string.Concat(Enumerable.Repeat("and other words ", 50))}");
        return (joe, await village.AddAsync("alice", ["staff"]), await village.AddAsync("bob", ["staff"]), await village.AddAsync("carol", ["guests"]));
    }
}
