using System.Net;
using P2P.YouServ;

namespace YouServ.Tests.Storage;

/// <summary>What every store of a coordinator must do.</summary>
public abstract class CoordinatorStoreTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Then = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly UserId Joe = UserId.Parse("joe@example.org");

    private ICoordinatorStore _store = null!;

    public async Task InitializeAsync() => _store = await OpenAsync();

    public async Task DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        await CleanAsync();
    }

    /// <summary>Opens the store of this test, which has what was kept there before.</summary>
    protected abstract Task<ICoordinatorStore> OpenAsync();

    protected virtual Task CleanAsync() => Task.CompletedTask;

    [SkippableFact]
    public async Task A_user_keeps_the_name_of_the_site()
    {
        var first = await _store.GetOrAddSiteAsync(Joe, "Joe", Names("joe", "joe-2"));
        var other = await _store.GetOrAddSiteAsync(UserId.Parse("joe@example.com"), "Joe", Names("joe", "joe-2"));
        var again = await _store.GetOrAddSiteAsync(Joe, "Joe", Names("elsewhere"));
        Assert.Equal(("joe", "joe-2", "joe"), (first.Name.Value, other.Name.Value, again.Name.Value));
        Assert.Equal(first.Version, again.Version);
    }

    [SkippableFact]
    public async Task Of_users_who_want_one_name_at_once_one_gets_it()
    {
        var sites = await Task.WhenAll(Enumerable.Range(0, 40).Select(i =>
            _store.GetOrAddSiteAsync(UserId.Parse($"{i}@example.org"), "", Enumerable.Range(1, 100).Select(n => SiteName.Parse($"x{n}"))).AsTask()));
        Assert.Equal(40, sites.Select(site => site.Name).Distinct().Count());
        Assert.Equal(40, sites.Select(site => site.Version).Distinct().Count());
    }

    [SkippableFact]
    public async Task A_change_that_did_not_see_the_one_before_is_refused()
    {
        var site = await AddAsync("joe");
        var changed = await _store.TryReplaceSiteAsync(site with { Lease = Lease("1") });
        Assert.NotNull(changed);
        Assert.True(changed.Version > site.Version);
        Assert.Null(await _store.TryReplaceSiteAsync(site with { Lease = Lease("2") }));
        Assert.Equal("1", (await _store.FindSiteAsync(site.Name))!.Lease!.Id);
    }

    [SkippableFact]
    public async Task Of_changes_made_at_once_one_takes_effect()
    {
        var site = await AddAsync("joe");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => _store.TryReplaceSiteAsync(site with { Lease = Lease($"{i}") }).AsTask()));
        Assert.Single(outcomes, outcome => outcome is not null);
    }

    [SkippableFact]
    public async Task Replicas_come_back_the_latest_first()
    {
        var (joe, alice, bob) = (SiteName.Parse("joe"), SiteName.Parse("alice"), SiteName.Parse("bob"));
        Assert.True(await _store.AddReplicaAsync(joe, alice, 2, 2));
        Assert.True(await _store.AddReplicaAsync(joe, bob, 2, 2));
        Assert.True(await _store.AddReplicaAsync(alice, bob, 2, 2));
        Assert.False(await _store.AddReplicaAsync(joe, SiteName.Parse("mallory"), 2, 2));
        Assert.False(await _store.AddReplicaAsync(SiteName.Parse("mallory"), bob, 2, 2));
        Assert.False(await _store.NoteReplicaAsync(joe, alice, 7, Then));
        Assert.True(await _store.AcceptReplicaAsync(joe, alice));
        Assert.True(await _store.AcceptReplicaAsync(joe, bob));
        Assert.False(await _store.AcceptReplicaAsync(bob, joe));
        Assert.True(await _store.NoteReplicaAsync(joe, alice, 1L << 41, Then));
        Assert.True(await _store.NoteReplicaAsync(joe, bob, 6, Then));
        Assert.True(await _store.AddReplicaAsync(joe, bob, 2, 2)); // Who was invited before is not asked again.
        await ReopenAsync();
        Assert.Equal(
            [new() { Site = joe, Holder = alice, IsAccepted = true, Version = 1L << 41, ReportedAt = Then }, new() { Site = joe, Holder = bob, IsAccepted = true, Version = 6, ReportedAt = Then }],
            await _store.ListReplicasAsync(joe));
        Assert.Equal([alice, joe], (await _store.ListHeldAsync(bob)).Select(replica => replica.Site));
        Assert.True(await _store.RemoveReplicaAsync(joe, bob));
        Assert.False(await _store.RemoveReplicaAsync(joe, bob));
        Assert.False(await _store.NoteReplicaAsync(joe, bob, 8, Then));
        Assert.Equal([alice], (await _store.ListReplicasAsync(joe)).Select(replica => replica.Holder));
    }

    [SkippableFact]
    public async Task A_lease_comes_back_as_it_was()
    {
        var lease = Lease("1") with { Addresses = [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")], IsSecure = true, Device = "Jöe’s laptop", Holder = SiteName.Parse("alice") };
        await _store.TryReplaceSiteAsync(await AddAsync("joe") with { Lease = lease });
        await ReopenAsync();
        var found = (await _store.FindSiteAsync(SiteName.Parse("joe")))!;
        Assert.Equal(lease.Addresses, found.Lease!.Addresses);
        Assert.Equal(lease, found.Lease with { Addresses = lease.Addresses });
        Assert.Equal((1, 1), await _store.CountSitesAsync());
        await _store.TryReplaceSiteAsync(found with { Lease = null });
        Assert.Equal((1, 0), await _store.CountSitesAsync());
        Assert.Null((await _store.FindSiteAsync(SiteName.Parse("joe")))!.Lease);
    }

    [SkippableFact]
    public async Task Leases_are_renewed_where_they_still_hold()
    {
        await _store.TryReplaceSiteAsync(await AddAsync("joe") with { Lease = Lease("1") });
        await _store.TryReplaceSiteAsync(await AddAsync("alice") with { Lease = Lease("2") });
        var later = Then.AddHours(1);
        var isRenewed = await _store.RenewLeasesAsync([new(SiteName.Parse("joe"), "1", later), new(SiteName.Parse("alice"), "1", later), new(SiteName.Parse("bob"), "1", later)]);
        Assert.Equal([true, false, false], isRenewed);
        Assert.Equal(["alice"], (await _store.ReadLapsedSitesAsync(Then.AddMinutes(30), 10)).Select(site => site.Name.Value));
        Assert.Equal(["alice", "joe"], (await _store.ReadLapsedSitesAsync(later, 10)).Select(site => site.Name.Value));
    }

    [SkippableFact]
    public async Task A_lease_that_was_renewed_in_between_is_not_taken()
    {
        var site = (await _store.TryReplaceSiteAsync(await AddAsync("joe") with { Lease = Lease("1") }))!;
        var lapsedAt = Then.AddMinutes(2);
        await _store.RenewLeasesAsync([new(site.Name, "1", Then.AddMinutes(3))]);
        Assert.Null(await _store.TryReplaceSiteAsync(site with { Lease = null }, lapsedAt));
        Assert.Equal("1", (await _store.FindSiteAsync(site.Name))!.Lease!.Id);
        Assert.NotNull(await _store.TryReplaceSiteAsync(site with { Lease = null }, Then.AddMinutes(3)));
        Assert.Null((await _store.FindSiteAsync(site.Name))!.Lease);
    }

    [SkippableFact]
    public async Task Proxies_are_listed_by_what_they_carry()
    {
        foreach (var name in (string[])["a", "b", "c"])
        {
            await _store.TryReplaceSiteAsync(await AddAsync(name) with { Lease = Lease(name) with { IsProxy = name != "c" } });
        }

        await _store.TryReplaceSiteAsync(await AddAsync("d") with { Lease = Lease("d") with { IsProxy = true, Via = SiteName.Parse("a") } });
        Assert.Equal([("b", 0L), ("a", 1L)], (await _store.ReadProxiesAsync(10)).Select(proxy => (proxy.Site.Name.Value, proxy.Load)));
        Assert.Equal("b", Assert.Single(await _store.ReadProxiesAsync(1)).Site.Name.Value);
        Assert.Equal("a", (await _store.FindSiteAsync(SiteName.Parse("d")))!.Lease!.Via!.Value.Value);
    }

    [SkippableFact]
    public async Task Changes_are_read_in_their_order_from_where_one_was()
    {
        var sites = new List<SiteRecord>();
        foreach (var name in (string[])["c", "a", "b"])
        {
            sites.Add(await AddAsync(name));
        }

        await _store.TryReplaceSiteAsync(sites[0] with { Lease = Lease("1") });
        Assert.Equal(["a", "b", "c"], (await _store.ReadChangedSitesAsync(0, 10)).Select(site => site.Name.Value));
        Assert.Equal(["b", "c"], (await _store.ReadChangedSitesAsync(sites[1].Version, 10)).Select(site => site.Name.Value));
        Assert.Equal(["b"], (await _store.ListSitesAsync(SiteName.Parse("a"), 1)).Select(site => site.Name.Value));
    }

    [SkippableFact]
    public async Task Revoked_sessions_are_gone_and_told_in_their_order()
    {
        await _store.AddSessionAsync(Session("1", Joe));
        await _store.AddSessionAsync(Session("2", Joe));
        await _store.AddSessionAsync(Session("3", UserId.Parse("alice@example.org")));
        Assert.Equivalent(Session("1", Joe), await _store.FindSessionAsync("hash 1"), strict: true);
        Assert.False(await _store.RevokeSessionAsync(Joe, "3"));
        Assert.True(await _store.RevokeSessionAsync(Joe, "2"));
        Assert.False(await _store.RevokeSessionAsync(Joe, "2"));
        Assert.True(await _store.RevokeSessionAsync(Joe, "1"));
        Assert.Null(await _store.FindSessionAsync("hash 1"));
        Assert.Equal([new(1, "2"), new(2, "1")], await _store.ReadRevocationsAsync(0, 10));
        Assert.Equal([new(2, "1")], await _store.ReadRevocationsAsync(1, 10));
        Assert.Empty(await _store.ListSessionsAsync(Joe, Then));
        await _store.ForgetSessionsAsync(Then.AddDays(2));
        Assert.Empty(await _store.ReadRevocationsAsync(0, 10));
        Assert.Null(await _store.FindSessionAsync("hash 3"));
    }

    [SkippableFact]
    public async Task Accounts_and_secrets_are_kept()
    {
        await _store.PutAccountAsync(new() { User = Joe, DisplayName = "Joe", Groups = ["a", "b"], PasswordHash = "1" });
        await _store.PutAccountAsync(new() { User = Joe, DisplayName = "Jöe", Groups = ["b", "c"], PasswordHash = "2" });
        var secret = await _store.GetOrAddSecretAsync("x", () => [1, 2, 3]);
        await ReopenAsync();
        Assert.Equal(secret, await _store.GetOrAddSecretAsync("x", () => [4]));
        Assert.Equivalent(new AccountRecord { User = Joe, DisplayName = "Jöe", Groups = ["b", "c"], PasswordHash = "2" }, await _store.FindAccountAsync(Joe), strict: true);
        Assert.True(await _store.RemoveAccountAsync(Joe));
        Assert.Null(await _store.FindAccountAsync(Joe));
    }

    private async Task ReopenAsync()
    {
        await _store.DisposeAsync();
        _store = await OpenAsync();
    }

    private ValueTask<SiteRecord> AddAsync(string name) => _store.GetOrAddSiteAsync(UserId.Parse($"{name}@example.org"), name, Names(name));

    private static IEnumerable<SiteName> Names(params string[] names) => names.Select(SiteName.Parse);

    private static SiteLease Lease(string id) =>
        new() { Id = id, Addresses = [IPAddress.Parse("192.0.2.1")], Port = 8080, TokenHash = "00", GrantedAt = Then, ExpiresAt = Then.AddMinutes(1) };

    private static SessionRecord Session(string id, UserId user) => new()
    {
        Id = id,
        TokenHash = $"hash {id}",
        Kind = SessionKind.Peer,
        User = user,
        DisplayName = "Jöe",
        Groups = ["a", "b"],
        Device = "laptop",
        CreatedAt = Then,
        ExpiresAt = Then.AddDays(1),
    };
}
