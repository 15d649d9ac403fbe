using Microsoft.Extensions.DependencyInjection;
using P2P.YouSearch;
using P2P.YouServ;
using YouServ.Tests.Replication;

namespace YouSearch.Tests.Sites;

/// <summary>What one has gathered serves others of the same rights, as long as it is what they would find themselves.</summary>
public sealed class CacheTests
{
    [Fact]
    public async Task Who_asks_the_same_with_the_same_rights_asks_fewer_peers()
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
        Assert.Equal(0, (await carol.Search.FindAsync("umbrella")).Progress.FromCache);
        Assert.Equal(0, (await bob.Search.FindAsync("umbrella", new SearchOptions { UsesCache = false })).Progress.FromCache);
        Assert.NotEmpty(peers);
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
