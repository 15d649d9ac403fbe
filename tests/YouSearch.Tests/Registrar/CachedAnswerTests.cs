using P2P.YouSearch;
using P2P.YouServ;

namespace YouSearch.Tests.Registrar;

public sealed class CachedAnswerTests
{
    private readonly RegistrarGround _ground = new();

    private static CandidateQuery Query { get; } = new() { Alternatives = [[1]], Key = "one" };

    [Fact]
    public async Task Who_has_gathered_an_answer_is_named_to_others_who_have_signed_in()
    {
        await PrepareAsync("staff");
        Assert.Equal("bob", (await _ground.FindAsync(Query, "staff")).Cache!.Site.Value);
        Assert.Equal("bob", (await _ground.FindAsync(Query)).Cache!.Site.Value);
        Assert.Null((await _ground.FindAnonymouslyAsync(Query)).Cache);
        Assert.Null((await _ground.FindAsync(Query with { Key = "two" }, "staff")).Cache);
        Assert.Null((await _ground.FindAsync(Query with { Key = "" }, "staff")).Cache);
    }

    [Fact]
    public async Task A_cached_answer_holds_for_those_that_have_not_changed_since()
    {
        await PrepareAsync();
        Assert.True(await IsCurrentAsync("alice"));

        // The same again is no change.
        await _ground.RegisterAsync("alice", RegistrarGround.Filter(1));
        Assert.True(await IsCurrentAsync("alice"));

        await _ground.RegisterAsync("alice", RegistrarGround.Filter(1), generation: 2);
        Assert.False(await IsCurrentAsync("alice"));
        Assert.True(await IsCurrentAsync("bob"));
    }

    [Fact]
    public async Task Another_summary_of_the_same_generation_is_a_change()
    {
        await PrepareAsync();
        await _ground.RegisterAsync("alice", RegistrarGround.Filter(1, 2));
        Assert.False(await IsCurrentAsync("alice"));
    }

    [Fact]
    public async Task Another_summary_for_members_is_a_change()
    {
        await PrepareAsync();
        await _ground.RegisterAsync("alice", RegistrarGround.Filter(1), RegistrarGround.Filter(2));
        Assert.False(await IsCurrentAsync("alice"));
    }

    [Fact]
    public async Task Another_group_of_the_owner_is_a_change()
    {
        await PrepareAsync();
        await _ground.RegisterAsync("alice", RegistrarGround.Filter(1), groups: ["staff"]);
        Assert.False(await IsCurrentAsync("alice"));
    }

    [Fact]
    public async Task A_new_site_is_not_in_an_answer_that_was_gathered_before()
    {
        await PrepareAsync();
        await _ground.RegisterAsync("carol", RegistrarGround.Filter(1));
        Assert.False(await IsCurrentAsync("carol"));
    }

    [Fact]
    public async Task A_site_that_comes_back_was_not_in_the_answer()
    {
        _ground.Sites.Serve("bob");
        await _ground.LookAsync();
        await PrepareAsync();
        _ground.Sites.Serve("alice");
        await _ground.LookAsync();
        Assert.False(await IsCurrentAsync("alice"));
    }

    [Fact]
    public async Task A_cached_answer_is_forgotten_after_minutes()
    {
        await PrepareAsync();
        _ground.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.NotNull((await _ground.FindAsync(Query)).Cache);
        _ground.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Null((await _ground.FindAsync(Query)).Cache);
    }

    [Fact]
    public async Task An_answer_is_forgotten_when_the_machine_that_kept_it_begins_anew()
    {
        _ground.Sites.Serve("bob");
        await _ground.LookAsync();
        await PrepareAsync();
        Assert.NotNull((await _ground.FindAsync(Query)).Cache);
        _ground.Sites.Serve("bob");
        await _ground.LookAsync();
        Assert.Null((await _ground.FindAsync(Query)).Cache);
    }

    [Fact]
    public async Task An_answer_is_forgotten_with_the_site_of_who_kept_it()
    {
        var ground = new RegistrarGround(settings: new() { CachedLifetime = TimeSpan.FromDays(1) });
        await ground.RegisterAsync("bob", RegistrarGround.Filter(1));
        var (bob, site) = RegistrarGround.Owner("bob");
        ground.Registrar.OfferCached(bob, site, "one", (await ground.FindAsync(Query)).Sequence);
        Assert.NotNull((await ground.FindAsync(Query)).Cache);
        await ground.PassAsync(TimeSpan.FromMinutes(15));
        Assert.Null((await ground.FindAsync(Query)).Cache);
    }

    [Fact]
    public async Task Only_answers_to_lists_of_this_registrar_are_taken()
    {
        await PrepareAsync();
        var sequence = (await _ground.FindAsync(Query)).Sequence;
        var (bob, site) = RegistrarGround.Owner("bob");
        Assert.Throws<YouSearchException>(() => _ground.Registrar.OfferCached(bob, site, "one", sequence + 1));
        Assert.Throws<YouSearchException>(() => _ground.Registrar.OfferCached(bob, site, "one", RegistrarGround.FirstSequence - 1));
        Assert.Throws<YouSearchException>(() => _ground.Registrar.OfferCached(bob, site, "", sequence));
        Assert.Throws<YouSearchException>(() => _ground.Registrar.OfferCached(Visitor.Anonymous, site, "one", sequence));
        Assert.Throws<YouSearchException>(() => _ground.Registrar.OfferCached(bob, null, "one", sequence));

        var (stranger, unknown) = RegistrarGround.Owner("stranger");
        Assert.Throws<YouSearchException>(() => _ground.Registrar.OfferCached(stranger, unknown, "one", sequence));
    }

    [Fact]
    public async Task A_later_answer_takes_the_place_of_an_earlier_one_and_not_the_other_way()
    {
        await PrepareAsync();
        await _ground.RegisterAsync("carol", RegistrarGround.Filter(1));
        var (carol, site) = RegistrarGround.Owner("carol");
        var sequence = (await _ground.FindAsync(Query)).Sequence;
        _ground.Registrar.OfferCached(carol, site, "one", sequence);
        Assert.Equal("carol", (await _ground.FindAsync(Query)).Cache!.Site.Value);

        var (bob, bobs) = RegistrarGround.Owner("bob");
        _ground.Registrar.OfferCached(bob, bobs, "one", sequence - 1);
        Assert.Equal("carol", (await _ground.FindAsync(Query)).Cache!.Site.Value);
    }

    [Fact]
    public async Task The_oldest_answers_give_way_to_new_ones()
    {
        var ground = new RegistrarGround(settings: new() { CachedMax = 4, CachedPerSiteMax = 3 });
        foreach (var name in (string[])["alice", "bob"])
        {
            await ground.RegisterAsync(name, RegistrarGround.Filter(1));
        }

        foreach (var (name, key) in (ReadOnlySpan<(string, string)>)[("alice", "a1"), ("bob", "b1"), ("bob", "b2"), ("bob", "b3"), ("bob", "b4"), ("alice", "a2")])
        {
            var (visitor, site) = RegistrarGround.Owner(name);
            ground.Registrar.OfferCached(visitor, site, key, RegistrarGround.FirstSequence);
        }

        List<string> kept = [];
        foreach (var key in (string[])["a1", "a2", "b1", "b2", "b3", "b4"])
        {
            if ((await ground.FindAsync(Query with { Key = key })).Cache is not null)
            {
                kept.Add(key);
            }
        }

        Assert.Equal(["a2", "b2", "b3", "b4"], kept);
    }

    /// <summary>Lets alice and bob be found, and bob keep the answer.</summary>
    private async Task PrepareAsync(params string[] groups)
    {
        await _ground.RegisterAsync("alice", RegistrarGround.Filter(1));
        await _ground.RegisterAsync("bob", RegistrarGround.Filter(1));
        var (bob, site) = RegistrarGround.Owner("bob", groups);
        _ground.Registrar.OfferCached(bob, site, Query.Key, (await _ground.FindAsync(Query)).Sequence);
    }

    private async Task<bool> IsCurrentAsync(string site)
    {
        var list = await _ground.FindAsync(Query);
        Assert.NotNull(list.Cache);
        return list.Candidates.Single(candidate => candidate.Site.Value == site).IsCurrentInCache;
    }
}
