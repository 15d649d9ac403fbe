using Microsoft.Extensions.DependencyInjection;
using P2P.YouSearch;
using P2P.YouSearch.Http;
using P2P.YouSearch.Wire;
using P2P.YouServ;
using YouServ.Tests.Replication;

namespace YouSearch.Tests.Sites;

/// <summary>What one has gathered serves others of the same rights, as long as it is what they would find themselves.</summary>
public sealed class CacheTests
{
    [Fact]
    public async Task Who_asks_the_same_asks_fewer_peers()
    {
        await using var village = await SearchVillage.StartAsync();
        var peers = await SettleAsync(village);
        var alice = await village.AddAsync("alice", ["staff"]);
        var bob = await village.AddAsync("bob", ["staff"]);
        var carol = await village.AddAsync("carol", ["guests"]);

        var first = await alice.Search.FindAsync("umbrella");
        await alice.Search.WhenIdleAsync();
        Assert.Equal((6, 0), (first.Progress.Answered, first.Progress.FromCache));

        var again = await bob.Search.FindAsync("UMBRELLA");
        Assert.Equal((6, 5), (again.Progress.Answered, again.Progress.FromCache));
        Assert.Equal(first.Hits.Select(hit => (hit.Url, hit.Snippet.Text, hit.Score)), again.Hits.Select(hit => (hit.Url, hit.Snippet.Text, hit.Score)));
        Assert.Equal(5, (await carol.Search.FindAsync("umbrella")).Progress.FromCache);
        Assert.Equal(0, (await bob.Search.FindAsync("umbrella", new SearchOptions { UsesCache = false })).Progress.FromCache);
        Assert.NotEmpty(peers);
    }

    [Fact]
    public async Task Where_rules_name_groups_only_those_of_the_same_groups_take_what_another_was_told()
    {
        await using var village = await SearchVillage.StartAsync();
        var peers = await SettleAsync(village);
        var alice = await village.AddAsync("alice", ["staff"]);
        var bob = await village.AddAsync("bob", ["staff"]);
        var carol = await village.AddAsync("carol", ["guests"]);
        await peers[0].OpenAsync("for-guests", Audience.Named, groups: ["guests"]);
        await peers[0].WriteAsync("for-guests/secret.txt", "A secret umbrella.");
        await alice.Search.FindAsync("umbrella");
        await alice.Search.WhenIdleAsync();
        Assert.Equal(5, (await bob.Search.FindAsync("umbrella")).Progress.FromCache);
        var hers = await carol.Search.FindAsync("umbrella");
        Assert.Equal(4, hers.Progress.FromCache);
        Assert.Contains(hers.Hits, hit => hit.Path.Value == "for-guests/secret.txt");
    }

    [Fact]
    public async Task Nothing_that_was_found_by_one_person_alone_is_handed_out()
    {
        await using var village = await SearchVillage.StartAsync();
        var peers = await SettleAsync(village);
        var bob = await village.AddAsync("bob", ["staff"]);
        var mallory = await village.AddAsync("mallory", ["staff"]);
        await peers[0].OpenAsync("for-bob", Audience.Named, users: ["bob"]);
        await peers[0].WriteAsync("for-bob/secret.txt", "A secret umbrella.");
        Assert.Contains((await bob.Search.FindAsync("umbrella")).Hits, hit => hit.Path.Value == "for-bob/secret.txt");
        await bob.Search.WhenIdleAsync();

        // Not even to one who asks for it without searching.
        Assert.True(SearchQuery.TryParse("umbrella", out var query, out _));
        using var client = new SiteClient(mallory.Peer.CreateSiteHandler());
        var place = new Candidate { Site = SiteName.Parse("bob"), Url = bob.Peer.Status.Url!, Addresses = [System.Net.IPAddress.Loopback] };
        var kept = await client.AskCachedAsync(place, QueryKey.Of(query!, 50), await mallory.Peer.GetProverAsync(), CancellationToken.None);
        Assert.Equal(4, kept!.Replies.Count);
        Assert.DoesNotContain(kept.Replies, reply => reply.Body.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_shows_few_documents_keeps_as_many_for_others_as_others_show()
    {
        await using var village = await SearchVillage.StartAsync();
        var peers = await SettleAsync(village);
        for (var number = 0; number < 20; number++)
        {
            await File.WriteAllTextAsync(Path.Combine(peers[0].Folder, $"{number}.txt"), $"umbrella {number}");
        }

        await peers[0].Search.WhenFoundAsync();
        var alice = await village.AddAsync("alice");
        var bob = await village.AddAsync("bob");
        Assert.Single((await alice.Search.FindAsync("umbrella", new SearchOptions { Count = 1 })).Hits);
        await alice.Search.WhenIdleAsync();
        var his = await bob.Search.FindAsync("umbrella");
        Assert.Equal((25, 5), (his.Hits.Count, his.Progress.FromCache));
    }

    [Fact]
    public async Task Who_searches_at_the_coordinator_finds_his_own_private_documents_whatever_others_were_told()
    {
        await using var village = await SearchVillage.StartAsync();
        var peers = await SettleAsync(village);
        var alice = await village.AddAsync("alice");
        await alice.Search.FindAsync("umbrella");
        await alice.Search.WhenIdleAsync();
        await File.WriteAllTextAsync(Path.Combine(peers[0].Folder, "mine.txt"), "My umbrella.");
        await peers[0].OpenAsync("mine.txt", Audience.Named);
        await alice.Search.FindAsync("umbrella");
        await alice.Search.WhenIdleAsync();

        using var browser = await village.Village.NewBrowserOfAsync("p0");
        var page = await browser.SendAsync(
            HttpMethod.Post,
            $"{village.Village.Coordinator}search/results",
            new StringContent("""{"query":"umbrella"}""", System.Text.Encoding.UTF8, "application/json"),
            village.Village.Coordinator.GetLeftPart(UriPartial.Authority));
        Assert.Contains("mine.txt", page.Text, StringComparison.Ordinal);
        Assert.Contains("\"fromCache\":4", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_site_that_has_changed_is_asked_itself()
    {
        await using var village = await SearchVillage.StartAsync();
        var peers = await SettleAsync(village);
        var alice = await village.AddAsync("alice", ["staff"]);
        var bob = await village.AddAsync("bob", ["staff"]);
        await alice.Search.FindAsync("umbrella");
        await alice.Search.WhenIdleAsync();

        await peers[0].WriteAsync("new.txt", "Another umbrella.");
        File.Delete(Path.Combine(peers[0].Folder, "umbrella.txt"));
        await peers[0].Search.WhenFoundAsync();
        await peers[1].OpenAsync("", Audience.Named, users: ["alice"]);

        var found = await bob.Search.FindAsync("umbrella");
        Assert.Equal(["p0/new.txt", "p2/umbrella.txt", "p3/umbrella.txt", "p4/umbrella.txt"], found.Hits.Select(hit => $"{hit.Site}{hit.Path}").Order(StringComparer.Ordinal));
        Assert.Equal(3, found.Progress.FromCache);
    }

    [Fact]
    public async Task What_is_kept_leads_nobody_to_a_site_that_has_gone()
    {
        await using var village = await SearchVillage.StartAsync();
        var peers = await SettleAsync(village);
        var alice = await village.AddAsync("alice", ["staff"]);
        var bob = await village.AddAsync("bob", ["staff"]);
        await alice.Search.FindAsync("umbrella");
        await alice.Search.WhenIdleAsync();
        await village.Village.StopPeerAsync(peers[2].Peer);

        // The coordinator has heard it from the peer; a registrar hears it within a second.
        using var patience = new ReplicaPatience();
        SearchResults found = null!;
        await patience.UntilAsync(async () => (found = await bob.Search.FindAsync("umbrella")).Progress.Away == 1);
        Assert.Equal(["p0", "p1", "p3", "p4"], found.Hits.Select(hit => hit.Site.Value).Order(StringComparer.Ordinal));
        Assert.Equal(["p2"], found.AwaySites);
    }

    [Fact]
    public async Task Where_rules_name_people_nobody_takes_what_another_was_told()
    {
        await using var village = await SearchVillage.StartAsync();
        var peers = await SettleAsync(village);
        var alice = await village.AddAsync("alice", ["staff"]);
        var bob = await village.AddAsync("bob", ["staff"]);
        await peers[0].OpenAsync("for-bob", Audience.Named, users: ["bob"]);
        await peers[0].WriteAsync("for-bob/secret.txt", "A secret umbrella.");

        var hers = await alice.Search.FindAsync("umbrella");
        await alice.Search.WhenIdleAsync();
        Assert.DoesNotContain(hers.Hits, hit => hit.Path.Value == "for-bob/secret.txt");
        var his = await bob.Search.FindAsync("umbrella");
        Assert.Contains(his.Hits, hit => hit.Path.Value == "for-bob/secret.txt");
        Assert.Equal(4, his.Progress.FromCache);
    }

    [Fact]
    public async Task A_keeper_that_is_gone_or_lies_costs_nothing_but_the_asking()
    {
        await using var village = await SearchVillage.StartAsync();
        await SettleAsync(village);
        var liar = new CacheLiar();
        var alice = await village.AddAsync("alice", ["staff"], services: services => services.AddSingleton<IYouServPlugin>(liar));
        var bob = await village.AddAsync("bob", ["staff"]);
        string[] queries = ["umbrella", "number", "umbrella number", "\"umbrella number\"", "umb*", "numb*"];
        foreach (var (lie, query) in CacheLiar.Lies.Zip(queries))
        {
            await alice.Search.FindAsync(query);
            await alice.Search.WhenIdleAsync();
            liar.Lie = lie;
            var found = await bob.Search.FindAsync(query);
            Assert.Equal(5, found.Hits.Count);
            Assert.Equal((6, 0), (found.Progress.Answered, found.Progress.FromCache));
        }

        Assert.Equal(CacheLiar.Lies.Count, liar.Count);
        await village.Village.StopPeerAsync(alice.Peer);
        Assert.Equal(5, (await bob.Search.FindAsync("umbrella")).Hits.Count);
    }

    private static async Task<Inhabitant[]> SettleAsync(SearchVillage village)
    {
        var peers = new Inhabitant[5];
        for (var number = 0; number < peers.Length; number++)
        {
            peers[number] = await village.AddAsync($"p{number}");
            await peers[number].OpenAsync("", Audience.Everyone);
            await peers[number].WriteAsync("umbrella.txt", $"Umbrella number {number}.");
        }

        return peers;
    }
}
