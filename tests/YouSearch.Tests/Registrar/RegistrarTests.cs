using P2P.YouSearch;
using P2P.YouServ;

namespace YouSearch.Tests.Registrar;

public sealed class RegistrarTests
{
    private const ulong Umbrella = 0x9E3779B97F4A7C15;
    private const ulong Purse = 0xD1B54A32D192ED03;

    private readonly RegistrarGround _ground = new();

    [Fact]
    public async Task A_site_is_named_with_the_place_where_it_is_served()
    {
        _ground.Sites.Serve("alice");
        await _ground.LookAsync();
        await _ground.RegisterAsync("alice", RegistrarGround.Filter(Umbrella));

        var candidate = Assert.Single((await _ground.FindAsync(RegistrarGround.For(Umbrella))).Candidates);
        Assert.Equal("alice", candidate.Site.Value);
        Assert.Equal("https://alice.userv.example:8443/", candidate.Url!.ToString());
        Assert.Equal("192.0.2.7", Assert.Single(candidate.Addresses).ToString());
        Assert.False(candidate.IsCopy);

        _ground.Sites.Serve("alice", holder: "bob");
        await _ground.LookAsync();
        Assert.True((await _ground.FindAsync(RegistrarGround.For(Umbrella))).Candidates[0].IsCopy);

        _ground.Sites.Leave("alice");
        await _ground.LookAsync();
        Assert.Null((await _ground.FindAsync(RegistrarGround.For(Umbrella))).Candidates[0].Url);
    }

    [Fact]
    public async Task Alternatives_are_united_and_each_needs_all_of_its_words()
    {
        await _ground.RegisterAsync("alice", RegistrarGround.Filter(1, 2));
        await _ground.RegisterAsync("bob", RegistrarGround.Filter(2, 3));
        await _ground.RegisterAsync("carol", RegistrarGround.Filter(4));

        Assert.Equal(["alice", "bob"], await _ground.NamesAsync(2));
        Assert.Equal(["alice"], await _ground.NamesAsync(1, 2));
        Assert.Equal(["alice", "carol"], RegistrarGround.NamesOf(await _ground.FindAsync(new() { Alternatives = [[1, 2], [4], [1]] })));
        Assert.Empty((await _ground.FindAsync(new())).Candidates);
    }

    [Fact]
    public async Task What_is_for_members_names_nobody_to_those_who_have_not_signed_in()
    {
        await _ground.RegisterAsync("alice", RegistrarGround.Filter(Umbrella), RegistrarGround.Filter(Purse));

        Assert.Equal(["alice"], await _ground.NamesAsync(Purse));
        Assert.Empty((await _ground.FindAnonymouslyAsync(RegistrarGround.For(Purse))).Candidates);
        Assert.Single((await _ground.FindAnonymouslyAsync(RegistrarGround.For(Umbrella))).Candidates);
    }

    [Fact]
    public async Task A_group_is_searched_by_those_in_it_only()
    {
        await _ground.RegisterAsync("alice", RegistrarGround.Filter(1), groups: ["staff"]);
        await _ground.RegisterAsync("bob", RegistrarGround.Filter(1), groups: ["sales"]);
        CandidateQuery query = new() { Group = "staff", Alternatives = [[Umbrella]] };

        Assert.Equal(["alice"], RegistrarGround.NamesOf(await _ground.FindAsync(query, "staff", "sales")));
        await Assert.ThrowsAsync<YouSearchException>(() => _ground.FindAsync(query, "sales"));
        await Assert.ThrowsAsync<YouSearchException>(() => _ground.FindAnonymouslyAsync(query));

        await _ground.RegisterAsync("alice", RegistrarGround.Filter(1));
        Assert.Empty((await _ground.FindAsync(query, "staff")).Candidates);
    }

    [Fact]
    public async Task Sites_that_are_named_are_asked_whatever_they_have_registered()
    {
        _ground.Sites.Serve("mute");
        await _ground.LookAsync();
        await _ground.RegisterAsync("alice", RegistrarGround.Filter(1));
        CandidateQuery query = new() { Alternatives = [[Umbrella]], Sites = [RegistrarGround.Site("alice"), RegistrarGround.Site("mute"), RegistrarGround.Site("nobody"), RegistrarGround.Site("alice")] };

        Assert.Equal(["alice", "mute"], RegistrarGround.NamesOf(await _ground.FindAsync(query)));
    }

    [Fact]
    public async Task A_list_that_is_cut_says_so()
    {
        var ground = new RegistrarGround(settings: new() { CandidatesMax = 2 });
        foreach (var site in (string[])["zoe", "alice", "bob"])
        {
            Assert.True((await ground.FindAsync(RegistrarGround.For(1))).IsComplete);
            await ground.RegisterAsync(site, RegistrarGround.Filter(1));
        }

        var list = await ground.FindAsync(RegistrarGround.For(1));
        Assert.False(list.IsComplete);
        Assert.Equal(["alice", "zoe"], RegistrarGround.NamesOf(list));
    }

    [Fact]
    public async Task A_site_that_is_not_heard_is_forgotten()
    {
        await _ground.RegisterAsync("alice", RegistrarGround.Filter(1));
        _ground.Clock.Advance(TimeSpan.FromMinutes(14));
        Assert.Equal(["alice"], await _ground.NamesAsync(1));
        _ground.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(await _ground.NamesAsync(1));
        await _ground.LookAsync();
        Assert.False((await KeepAsync("alice", RegistrarGround.Filter(1))).IsKnown);
    }

    [Fact]
    public async Task A_word_keeps_a_site_alive_that_is_as_it_was()
    {
        var filter = RegistrarGround.Filter(1);
        await _ground.RegisterAsync("alice", filter);
        for (var minutes = 0; minutes < 60; minutes += 10)
        {
            await _ground.PassAsync(TimeSpan.FromMinutes(10));
            Assert.True((await KeepAsync("alice", filter)).IsKnown);
            Assert.Equal(["alice"], await _ground.NamesAsync(1));
        }

        Assert.False((await KeepAsync("alice", RegistrarGround.Filter(2))).IsKnown);
        Assert.Equal(["alice"], await _ground.NamesAsync(1));
    }

    [Fact]
    public async Task A_copy_keeps_the_owners_summary_alive_and_does_not_replace_it()
    {
        await _ground.RegisterAsync("alice", RegistrarGround.Filter(1));
        _ground.Sites.Serve("alice", holder: "bob");
        await _ground.PassAsync(TimeSpan.FromMinutes(14));
        var (visitor, bob) = RegistrarGround.Owner("bob");

        var result = await _ground.Registrar.RegisterAsync(visitor, bob, RegistrarGround.Registration("alice", RegistrarGround.Filter(2)));
        Assert.True(result.IsKnown);
        await _ground.PassAsync(TimeSpan.FromMinutes(14));
        Assert.Equal(["alice"], await _ground.NamesAsync(1));
        Assert.Empty(await _ground.NamesAsync(2));
    }

    [Fact]
    public async Task A_copy_registers_its_own_summary_where_none_is_known_until_the_owner_does()
    {
        _ground.Sites.Serve("alice", holder: "bob");
        var (visitor, bob) = RegistrarGround.Owner("bob", "staff");

        // The change was not read yet: one look at the store is enough.
        await _ground.Registrar.RegisterAsync(visitor, bob, RegistrarGround.Registration("alice", RegistrarGround.Filter(2)));
        Assert.Equal(1, _ground.Sites.Lookups);
        Assert.Equal(["alice"], await _ground.NamesAsync(2));

        // What is proven are the groups of who stands in.
        Assert.Empty((await _ground.FindAsync(new() { Group = "staff" }, "staff")).Candidates);

        await _ground.RegisterAsync("alice", RegistrarGround.Filter(1));
        Assert.Empty(await _ground.NamesAsync(2));
        Assert.Equal(["alice"], await _ground.NamesAsync(1));
    }

    [Fact]
    public async Task Nobody_registers_the_site_of_another()
    {
        _ground.Sites.Serve("alice", holder: "bob");
        await _ground.LookAsync();
        var registration = RegistrarGround.Registration("alice", RegistrarGround.Filter(1));
        var (mallory, site) = RegistrarGround.Owner("mallory");

        await Assert.ThrowsAsync<YouSearchException>(async () => await _ground.Registrar.RegisterAsync(mallory, site, registration));
        await Assert.ThrowsAsync<YouSearchException>(async () => await _ground.Registrar.RegisterAsync(mallory, null, registration));
        await Assert.ThrowsAsync<YouSearchException>(async () => await _ground.Registrar.RegisterAsync(Visitor.Anonymous, RegistrarGround.Site("alice"), registration));
        Assert.Empty(await _ground.NamesAsync(1));
    }

    [Fact]
    public async Task A_site_registers_ten_times_a_second_and_no_more()
    {
        for (var count = 0; count < 11; count++)
        {
            await _ground.RegisterAsync("alice", RegistrarGround.Filter(1));
        }

        await Assert.ThrowsAsync<YouSearchException>(() => _ground.RegisterAsync("alice", RegistrarGround.Filter(1)));
        _ground.Clock.Advance(TimeSpan.FromMilliseconds(100));
        await _ground.RegisterAsync("alice", RegistrarGround.Filter(1));
        await Assert.ThrowsAsync<YouSearchException>(() => _ground.RegisterAsync("alice", RegistrarGround.Filter(1)));
        await _ground.RegisterAsync("bob", RegistrarGround.Filter(1));
    }

    [Fact]
    public async Task A_full_registrar_takes_nobody_until_somebody_is_forgotten()
    {
        var ground = new RegistrarGround(settings: new() { SitesMax = 2 });
        await ground.RegisterAsync("alice", RegistrarGround.Filter(1));
        await ground.PassAsync(TimeSpan.FromMinutes(10));
        await ground.RegisterAsync("bob", RegistrarGround.Filter(1));
        await Assert.ThrowsAsync<YouSearchException>(() => ground.RegisterAsync("carol", RegistrarGround.Filter(1)));

        await ground.PassAsync(TimeSpan.FromMinutes(5));
        await ground.RegisterAsync("carol", RegistrarGround.Filter(2));
        Assert.Equal(["bob"], await ground.NamesAsync(1));
        Assert.Equal(["carol"], await ground.NamesAsync(2));
    }

    [Fact]
    public async Task A_query_beyond_its_bounds_is_refused()
    {
        await Assert.ThrowsAsync<YouSearchException>(() => _ground.FindAsync(new() { Alternatives = [.. Enumerable.Repeat<IReadOnlyList<ulong>>([1], 65)] }));
        await Assert.ThrowsAsync<YouSearchException>(() => _ground.FindAsync(RegistrarGround.For(new ulong[65])));
        await Assert.ThrowsAsync<YouSearchException>(() => _ground.FindAsync(new() { Key = new string('a', 65) }));
        await Assert.ThrowsAsync<YouSearchException>(() => _ground.FindAsync(new() { Sites = [.. Enumerable.Range(0, 1001).Select(number => RegistrarGround.Site($"s{number}"))] }));
    }

    private async Task<RegistrationResult> KeepAsync(string site, P2P.Bloom.PartitionedBloomFilter? filter)
    {
        var (visitor, own) = RegistrarGround.Owner(site);
        return await _ground.Registrar.RegisterAsync(visitor, own, new() { Site = own!.Value, Generation = 1, Public = new(filter, filter), Members = new(null, null) });
    }
}
