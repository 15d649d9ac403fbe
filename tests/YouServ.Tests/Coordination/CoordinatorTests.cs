using System.Net;
using Microsoft.Extensions.Time.Testing;
using P2P.YouServ;
using P2P.YouServ.Dns;

namespace YouServ.Tests.Coordination;

public sealed class CoordinatorTests : IAsyncLifetime
{
    private static readonly IPAddress Home = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Cafe = IPAddress.Parse("198.51.100.7");

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly MemoryDns _dns = new();
    private readonly ChosenProbe _probe = new();
    private SqliteCoordinatorStore _store = null!;
    private YouServCoordinator _coordinator = null!;

    public async Task InitializeAsync()
    {
        await OpenAsync();
        var accounts = new LocalAccounts(_store);
        await accounts.SetAsync(UserId.Parse("joe@example.org"), "joe's password", "Joe", ["Staff"]);
        await accounts.SetAsync(UserId.Parse("alice@example.org"), "alice's password");
    }

    public async Task DisposeAsync()
    {
        await CloseAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_user_signs_in_and_the_name_points_at_the_peer()
    {
        var peer = await SignInAsync("Joe@Example.org ", "joe's password");
        Assert.Equal(["staff"], peer.Groups);
        var granted = Assert.IsType<LeaseResult.Granted>(await _coordinator.GrantLeaseAsync(peer, [], 8080, false, Home));
        Assert.Equal("joe.userv.example", _coordinator.HostOf(granted.Site.Name));
        Assert.Equal(["192.0.2.1"], _dns["joe.userv.example"]);

        var moved = Assert.IsType<LeaseResult.Granted>(await _coordinator.GrantLeaseAsync(peer, [], 8080, false, Cafe));
        Assert.Equal(["198.51.100.7"], _dns["joe.userv.example"]);

        Assert.True(await _coordinator.ReleaseLeaseAsync(peer, moved.Site.Lease!.Id));
        Assert.Empty(_dns["joe.userv.example"]);
    }

    [Fact]
    public async Task Who_cannot_be_reached_gets_no_name()
    {
        _probe.Unreachable.Add(Home);
        var peer = await SignInAsync("joe@example.org", "joe's password");
        Assert.IsType<LeaseResult.Unreachable>(await _coordinator.GrantLeaseAsync(peer, [], 8080, false, Home));
        Assert.Empty(_dns["joe.userv.example"]);
    }

    [Theory]
    [InlineData("10.0.0.1", 8080)]
    [InlineData("127.0.0.1", 8080)]
    [InlineData("169.254.169.254", 80)]
    [InlineData("::1", 8080)]
    [InlineData("192.0.2.1", 22)]
    [InlineData("192.0.2.1", 0)]
    [InlineData("192.0.2.1", 65536)]
    public async Task The_coordinator_knocks_at_no_other_doors_for_a_peer(string address, int port)
    {
        var peer = await SignInAsync("joe@example.org", "joe's password");
        Assert.IsType<LeaseResult.Refused>(await _coordinator.GrantLeaseAsync(peer, [IPAddress.Parse(address)], port, false, Home));
    }

    [Fact]
    public async Task A_peer_that_falls_silent_loses_its_name_and_one_that_is_heard_keeps_it()
    {
        var joe = await SignInAsync("joe@example.org", "joe's password");
        var alice = await SignInAsync("alice@example.org", "alice's password");
        await _coordinator.GrantLeaseAsync(joe, [], 8080, false, Home);
        var kept = (LeaseResult.Granted)await _coordinator.GrantLeaseAsync(alice, [], 8080, false, Cafe);
        await PassUntilAsync(
            () => _dns["joe.userv.example"].Count == 0,
            async () => Assert.True(await _coordinator.RenewLeaseAsync(alice, kept.Site.Lease!.Id)));
        Assert.Equal(["198.51.100.7"], _dns["alice.userv.example"]);
    }

    [Fact]
    public async Task A_peer_that_is_heard_but_not_reached_loses_its_name()
    {
        var joe = await SignInAsync("joe@example.org", "joe's password");
        var granted = (LeaseResult.Granted)await _coordinator.GrantLeaseAsync(joe, [], 8080, false, Home);
        lock (_probe.Unreachable)
        {
            _probe.Unreachable.Add(Home);
        }

        await PassUntilAsync(
            () => _dns["joe.userv.example"].Count == 0,
            async () => await _coordinator.RenewLeaseAsync(joe, granted.Site.Lease!.Id));
        Assert.False(await _coordinator.RenewLeaseAsync(joe, granted.Site.Lease!.Id));
    }

    [Fact]
    public async Task The_machine_that_comes_last_serves_the_site()
    {
        var laptop = await SignInAsync("joe@example.org", "joe's password");
        var desktop = await SignInAsync("joe@example.org", "joe's password");
        var first = (LeaseResult.Granted)await _coordinator.GrantLeaseAsync(laptop, [], 8080, false, Home);
        await _coordinator.GrantLeaseAsync(desktop, [], 8080, false, Cafe);
        Assert.False(await _coordinator.RenewLeaseAsync(laptop, first.Site.Lease!.Id));
        Assert.False(await _coordinator.ReleaseLeaseAsync(laptop, first.Site.Lease!.Id));
        Assert.Equal(["198.51.100.7"], _dns["joe.userv.example"]);
    }

    [Fact]
    public async Task A_restart_leaves_everything_as_it_was()
    {
        var peer = (SignInResult.SignedIn)await _coordinator.SignInAsync("joe@example.org", "joe's password", SessionKind.Peer, "laptop", Home);
        var granted = (LeaseResult.Granted)await _coordinator.GrantLeaseAsync(peer.Session, [], 8080, false, Home);
        var key = _coordinator.TicketPublicKey;
        await CloseAsync();
        _time.Advance(TimeSpan.FromHours(1));
        await OpenAsync();
        Assert.Equal(["192.0.2.1"], _dns["joe.userv.example"]);
        Assert.Equal(key, _coordinator.TicketPublicKey);
        var session = await _coordinator.FindSessionAsync(peer.Token, SessionKind.Peer);
        Assert.NotNull(session);
        Assert.True(await _coordinator.RenewLeaseAsync(session, granted.Site.Lease!.Id));
    }

    [Fact]
    public async Task Sessions_end_when_they_are_revoked_and_by_themselves()
    {
        var first = (SignInResult.SignedIn)await _coordinator.SignInAsync("joe@example.org", "joe's password", SessionKind.Browser, "", Home);
        var second = (SignInResult.SignedIn)await _coordinator.SignInAsync("joe@example.org", "joe's password", SessionKind.Browser, "", Home);
        Assert.Null(await _coordinator.FindSessionAsync(first.Token, SessionKind.Peer));
        Assert.True(await _coordinator.SignOutAsync(first.Session));
        Assert.Null(await _coordinator.FindSessionAsync(first.Token, SessionKind.Browser));
        Assert.NotNull(await _coordinator.FindSessionAsync(second.Token, SessionKind.Browser));
        _time.Advance(TimeSpan.FromHours(12));
        Assert.Null(await _coordinator.FindSessionAsync(second.Token, SessionKind.Browser));
        Assert.All([null, "", "x", new string('x', 10_000)], token => Assert.Null(_coordinator.FindSessionAsync(token, SessionKind.Browser).AsTask().Result));
    }

    [Fact]
    public async Task Who_has_left_is_signed_in_nowhere_and_does_not_sign_in_again()
    {
        var (joe, home) = (UserId.Parse("joe@example.org"), await SignInAsync("joe@example.org", "joe's password"));
        var browser = (SignInResult.SignedIn)await _coordinator.SignInAsync("joe@example.org", "joe's password", SessionKind.Browser, "", Home);
        var other = (SignInResult.SignedIn)await _coordinator.SignInAsync("alice@example.org", "alice's password", SessionKind.Browser, "", Home);
        Assert.True(await new LocalAccounts(_store).RemoveAsync(joe));
        Assert.Equal(2, await _coordinator.EndSessionsAsync(joe));
        Assert.Null(await _coordinator.FindSessionAsync(browser.Token, SessionKind.Browser));
        Assert.Equal(new HashSet<string> { browser.Session.Id, home.Id }, (await _store.ReadRevocationsAsync(0, 10)).Select(revocation => revocation.SessionId).ToHashSet());
        Assert.NotNull(await _coordinator.FindSessionAsync(other.Token, SessionKind.Browser));
        Assert.IsType<SignInResult.Refused>(await _coordinator.SignInAsync("joe@example.org", "joe's password", SessionKind.Browser, "", Home));
        Assert.Equal(0, await _coordinator.EndSessionsAsync(joe));
        Assert.False(await new LocalAccounts(_store).RemoveAsync(joe));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("userv..example", null)]
    [InlineData("-userv.example", null)]
    [InlineData("userv.example", "userv.example")]
    [InlineData("userv.example", "ftp://userv.example")]
    [InlineData("userv.example", "https://userv.example/path")]
    public async Task Options_that_cannot_work_are_refused_at_the_start(string zone, string? publicUrl)
    {
        var options = new CoordinatorOptions { Zone = zone, PublicUrl = publicUrl is null ? null : new(publicUrl, UriKind.RelativeOrAbsolute) };
        await Assert.ThrowsAsync<YouServException>(() => YouServCoordinator.StartAsync(options, new() { Store = _store, Dns = _dns, Probe = _probe }));
    }

    [Fact]
    public async Task Wrong_passwords_and_unknown_users_look_the_same_until_there_were_too_many()
    {
        for (var i = 0; i < 5; i++)
        {
            Assert.IsType<SignInResult.Refused>(await _coordinator.SignInAsync(i % 2 == 0 ? "joe@example.org" : "nobody@example.org", $"guess {i}", SessionKind.Browser, "", Home));
        }

        for (var i = 0; i < 2; i++)
        {
            Assert.IsType<SignInResult.Refused>(await _coordinator.SignInAsync("joe@example.org", "guess", SessionKind.Browser, "", Home));
        }

        var tooMany = Assert.IsType<SignInResult.TooManyAttempts>(await _coordinator.SignInAsync("joe@example.org", "joe's password", SessionKind.Browser, "", Home));
        Assert.IsType<SignInResult.SignedIn>(await _coordinator.SignInAsync("joe@example.org", "joe's password", SessionKind.Browser, "", Cafe));
        _time.Advance(tooMany.RetryAfter);
        Assert.IsType<SignInResult.SignedIn>(await _coordinator.SignInAsync("joe@example.org", "joe's password", SessionKind.Browser, "", Home));
    }

    [Fact]
    public async Task What_can_be_no_users_password_keeps_nobody_out()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.IsType<SignInResult.Refused>(await _coordinator.SignInAsync("no user", "guess", SessionKind.Browser, "", Home));
            Assert.IsType<SignInResult.Refused>(await _coordinator.SignInAsync("joe@example.org", "", SessionKind.Browser, "", Home));
        }

        Assert.IsType<SignInResult.SignedIn>(await _coordinator.SignInAsync("joe@example.org", "joe's password", SessionKind.Browser, "", Home));
    }

    [Fact]
    public async Task Groups_are_in_lower_case_however_an_authenticator_writes_them()
    {
        await using var coordinator = await YouServCoordinator.StartAsync(
            new() { Zone = "userv.example" }, new() { Store = _store, Dns = _dns, Probe = _probe, Authenticators = [new ShoutingAuthenticator()] });
        var signedIn = Assert.IsType<SignInResult.SignedIn>(await coordinator.SignInAsync("carol@example.org", "any", SessionKind.Browser, "", Home));
        Assert.Equal(["staff", "night watch"], signedIn.Session.Groups);
    }

    [Fact]
    public async Task Who_gives_up_waiting_for_a_name_has_a_lease_nevertheless()
    {
        var peer = await SignInAsync("joe@example.org", "joe's password");
        var dns = new SilentDns();
        await using var coordinator = await YouServCoordinator.StartAsync(new() { Zone = "userv.example" }, new() { Store = _store, Dns = dns, Probe = _probe });
        dns.IsSilent = true;
        using var patience = new CancellationTokenSource();
        var waiting = coordinator.GrantLeaseAsync(peer, [], 8080, false, Home, cancellationToken: patience.Token).AsTask();
        await dns.Asked.Task;
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal([Home], (await coordinator.FindSiteAsync(SiteName.Parse("joe")))!.Addresses);
    }

    [Fact]
    public async Task Secrets_are_in_no_text()
    {
        var signedIn = await _coordinator.SignInAsync("joe@example.org", "joe's password", SessionKind.Browser, "", Home);
        Assert.DoesNotContain(((SignInResult.SignedIn)signedIn).Token, signedIn.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("pbkdf2", (await _store.FindAccountAsync(UserId.Parse("joe@example.org")))!.ToString(), StringComparison.Ordinal);
    }

    private async Task<SessionRecord> SignInAsync(string user, string password) =>
        Assert.IsType<SignInResult.SignedIn>(await _coordinator.SignInAsync(user, password, SessionKind.Peer, "laptop", Home)).Session;

    /// <summary>Lets time pass in steps, each of which the coordinator looks at, until something has happened.</summary>
    private async Task PassUntilAsync(Func<bool> condition, Func<Task> each)
    {
        while (!condition())
        {
            var looked = _coordinator.Watch.LookedAsync();
            _time.Advance(TimeSpan.FromSeconds(7.5));
            await looked;
            await each();
        }
    }

    private async Task OpenAsync()
    {
        _store = await SqliteCoordinatorStore.OpenAsync(_folder.In("coordinator.db"), _time);
        _coordinator = await YouServCoordinator.StartAsync(new() { Zone = "userv.example" }, new() { Store = _store, Dns = _dns, Probe = _probe });
    }

    private async Task CloseAsync()
    {
        await _coordinator.DisposeAsync();
        await _store.DisposeAsync();
    }

    private sealed class ShoutingAuthenticator : IAuthenticator
    {
        public ValueTask<AuthenticationResult> AuthenticateAsync(string userName, string password, CancellationToken cancellationToken = default) =>
            new(new AuthenticationResult.Accepted(UserId.Parse(userName), "Carol", ["Staff", "STAFF", "Night Watch"]));
    }

    private sealed class SilentDns : IDnsPublisher
    {
        public bool IsSilent { get; set; }

        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask PublishAsync(IReadOnlyList<DnsRecordSet> changes, CancellationToken cancellationToken = default)
        {
            if (IsSilent)
            {
                Asked.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
        }
    }
}
