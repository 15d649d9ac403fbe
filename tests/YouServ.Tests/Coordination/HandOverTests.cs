using System.Net;
using Microsoft.Extensions.Time.Testing;
using P2P.YouServ;

namespace YouServ.Tests.Coordination;

/// <summary>Who serves a site when its owner's peer does not.</summary>
public sealed class HandOverTests : IAsyncLifetime
{
    private static readonly IPAddress JoesHome = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress AlicesHome = IPAddress.Parse("192.0.2.2");
    private static readonly IPAddress BobsHome = IPAddress.Parse("192.0.2.3");
    private static readonly SiteName JoesSite = SiteName.Parse("joe");

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly MemoryDns _dns = new();
    private readonly ChosenProbe _probe = new();
    private readonly Dictionary<SessionRecord, string> _leases = [];
    private SqliteCoordinatorStore _store = null!;
    private YouServCoordinator _coordinator = null!;
    private SessionRecord _joe = null!;
    private SessionRecord _alice = null!;
    private SessionRecord _bob = null!;

    public async Task InitializeAsync()
    {
        _store = await SqliteCoordinatorStore.OpenAsync(_folder.In("coordinator.db"), _time);
        _coordinator = await YouServCoordinator.StartAsync(new() { Zone = "userv.example" }, new() { Store = _store, Dns = _dns, Probe = _probe });
        (_joe, _alice, _bob) = (await MoveInAsync("joe", JoesHome), await MoveInAsync("alice", AlicesHome), await MoveInAsync("bob", BobsHome));
        await ReplicateAsync(_alice, version: 7);
        await ReplicateAsync(_bob, version: 5);
    }

    public async Task DisposeAsync()
    {
        await _coordinator.DisposeAsync();
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_peer_that_falls_silent_is_replaced_by_the_most_current_copy()
    {
        await PassUntilAsync("192.0.2.2", _alice, _bob);
        Assert.Equal("alice", (await HolderAsync())?.Value);

        // The copy's lease lives by its reports, and so long the name stays; when they end, the next one has its turn.
        await PassAsync(20, _alice, _bob);
        Assert.Equal(["192.0.2.2"], _dns["joe.userv.example"]);
        await PassUntilAsync("192.0.2.3", _bob);
    }

    [Fact]
    public async Task A_peer_that_says_goodbye_hands_over_in_one_step()
    {
        await _coordinator.ReleaseLeaseAsync(_joe, _leases[_joe]);
        Assert.Equal(["192.0.2.2"], _dns["joe.userv.example"]);
        await _coordinator.ReleaseLeaseAsync(_alice, _leases[_alice]);
        Assert.Equal(["192.0.2.3"], _dns["joe.userv.example"]);
        Assert.Empty(_dns["alice.userv.example"]);
        await _coordinator.ReleaseLeaseAsync(_bob, _leases[_bob]);
        Assert.Empty(_dns["joe.userv.example"]);
    }

    [Fact]
    public async Task A_copy_that_does_not_answer_for_the_site_is_passed_over()
    {
        lock (_probe.Unreachable)
        {
            _probe.Unreachable.Add(AlicesHome);
        }

        await _coordinator.ReleaseLeaseAsync(_joe, _leases[_joe]);
        Assert.Equal(["192.0.2.3"], _dns["joe.userv.example"]);
    }

    [Fact]
    public async Task Where_nobody_could_take_over_the_first_that_can_does()
    {
        lock (_probe.Unreachable)
        {
            _probe.Unreachable.UnionWith([AlicesHome, BobsHome]);
        }

        await _coordinator.ReleaseLeaseAsync(_joe, _leases[_joe]);
        Assert.Empty(_dns["joe.userv.example"]);
        lock (_probe.Unreachable)
        {
            _probe.Unreachable.Clear();
        }

        await ReportAsync(_bob, 5);
        Assert.Equal(["192.0.2.2"], _dns["joe.userv.example"]);
    }

    [Fact]
    public async Task The_owner_takes_the_name_back_and_a_copy_that_reports_does_not()
    {
        await _coordinator.ReleaseLeaseAsync(_joe, _leases[_joe]);
        await _coordinator.GrantLeaseAsync(_joe, [], 8080, false, JoesHome);
        await ReportAsync(_alice, 9);
        Assert.Equal(["192.0.2.1"], _dns["joe.userv.example"]);
        Assert.Null(await HolderAsync());
    }

    [Fact]
    public async Task A_copy_that_was_ended_serves_no_more()
    {
        await _coordinator.ReleaseLeaseAsync(_joe, _leases[_joe]);
        Assert.Equal(ReplicaResult.Done, await _coordinator.EndCopyAsync(_joe, JoesSite, SiteName.Parse("alice")));
        Assert.Equal(["192.0.2.3"], _dns["joe.userv.example"]);
        Assert.Equal(ReplicaResult.NotInvited, await _coordinator.EndCopyAsync(_alice, JoesSite, SiteName.Parse("bob")));
        Assert.Empty(await _coordinator.NoteHeldAsync(_alice, new Dictionary<SiteName, long> { [JoesSite] = 99 }, CancellationToken.None));
        Assert.Equal(["192.0.2.3"], _dns["joe.userv.example"]);
    }

    [Fact]
    public async Task Another_machine_of_the_holder_s_says_nothing_of_the_copy()
    {
        var other = await SignInAsync("alice");
        await _coordinator.ReportReplicaAsync(other, new Dictionary<SiteName, long> { [JoesSite] = 1 }, CancellationToken.None);
        Assert.Equal(7, (await _store.ListReplicasAsync(JoesSite))[0].Version);
    }

    [Fact]
    public async Task There_are_no_more_replicas_than_there_may_be()
    {
        for (var i = 0; i < 6; i++)
        {
            await SignInAsync($"user{i}");
            Assert.Equal(ReplicaResult.Done, await _coordinator.InviteHolderAsync(_joe, SiteName.Parse($"user{i}")));
        }

        await SignInAsync("user7");
        Assert.Equal(ReplicaResult.TooMany, await _coordinator.InviteHolderAsync(_joe, SiteName.Parse("user7")));
        Assert.Equal(ReplicaResult.Done, await _coordinator.InviteHolderAsync(_joe, SiteName.Parse("user5")));
        var many = await Task.WhenAll(Enumerable.Range(0, 9).Select(_ => _coordinator.InviteHolderAsync(_joe, SiteName.Parse("user7")).AsTask()));
        Assert.All(many, result => Assert.Equal(ReplicaResult.TooMany, result));
    }

    private async Task<SiteName?> HolderAsync() => (await _store.FindSiteAsync(JoesSite))!.Lease?.Holder;

    private async Task<SessionRecord> SignInAsync(string user)
    {
        await new LocalAccounts(_store).SetAsync(UserId.Parse($"{user}@example.org"), "a password");
        return ((SignInResult.SignedIn)await _coordinator.SignInAsync($"{user}@example.org", "a password", SessionKind.Peer, "", JoesHome)).Session;
    }

    private async Task<SessionRecord> MoveInAsync(string user, IPAddress home)
    {
        var peer = await SignInAsync(user);
        _leases[peer] = ((LeaseResult.Granted)await _coordinator.GrantLeaseAsync(peer, [], 8080, false, home)).Site.Lease!.Id;
        return peer;
    }

    private async Task ReplicateAsync(SessionRecord holder, long version)
    {
        Assert.Equal(ReplicaResult.Done, await _coordinator.InviteHolderAsync(_joe, (await _coordinator.SiteOfAsync(holder, CancellationToken.None)).Name));
        Assert.Equal(ReplicaResult.Done, await _coordinator.AcceptCopyAsync(holder, JoesSite));
        await ReportAsync(holder, version);
    }

    private async Task ReportAsync(SessionRecord holder, long version) =>
        Assert.Equal([JoesSite], await _coordinator.NoteHeldAsync(holder, new Dictionary<SiteName, long> { [JoesSite] = version }, CancellationToken.None));

    /// <summary>Lets time go by, in which some send heartbeats, until the name points somewhere.</summary>
    private async Task PassUntilAsync(string address, params SessionRecord[] heard)
    {
        for (var i = 0; !_dns["joe.userv.example"].SequenceEqual([address]); i++)
        {
            Assert.InRange(i, 0, 99);
            await PassAsync(1, heard);
        }
    }

    private async Task PassAsync(int heartbeats, params SessionRecord[] heard)
    {
        for (var i = 0; i < heartbeats; i++)
        {
            foreach (var peer in heard)
            {
                await _coordinator.RenewLeaseAsync(peer, _leases[peer]);
                await ReportAsync(peer, (await _store.ListReplicasAsync(JoesSite)).Single(replica => replica.Holder.Value == peer.User.Value.Split('@')[0]).Version);
            }

            var looked = _coordinator.Watch.LookedAsync();
            _time.Advance(TimeSpan.FromSeconds(7.5));
            await looked;
        }
    }
}
