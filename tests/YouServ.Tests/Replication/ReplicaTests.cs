using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using P2P.YouServ;
using P2P.YouServ.Hosting;
using YouServ.Tests.Sites;

namespace YouServ.Tests.Replication;

/// <summary>Alice's peer keeps a copy of joe's site, and stands in for him.</summary>
public sealed class ReplicaTests : IAsyncLifetime
{
    private static readonly SiteName Joe = SiteName.Parse("joe");
    private static readonly SiteName Alice = SiteName.Parse("alice");
    private static readonly SiteName Mallory = SiteName.Parse("mallory");

    private readonly ReplicaPatience _patience = new();
    private readonly CutHandler _wire = new();
    private Village _village = null!;
    private YouServPeer _joe = null!;
    private YouServPeer _alice = null!;
    private string _folder = null!;

    public async Task InitializeAsync()
    {
        _village = await Village.StartAsync(options => options.PeerNetworks.Add(IPNetwork.Parse("127.0.0.0/8")));
        (_joe, _folder) = await _village.AddPeerAsync("joe", options: options => options.HttpHandler = _wire.Around(options.HttpHandler!));
        (_alice, _) = await _village.AddPeerAsync("alice");
        await WriteAsync("notes.txt", "joe's notes");
        await WriteAsync("secret.txt", "nobody's business");
        await _joe.SetRuleAsync(new() { Path = SitePath.Parse("notes.txt"), Audience = Audience.Everyone });
    }

    public async Task DisposeAsync()
    {
        await _village.DisposeAsync();
        _patience.Dispose();
    }

    [Fact]
    public async Task A_copy_serves_under_the_owner_s_name_once_the_owner_has_gone()
    {
        await ReplicateAsync(_alice, Alice);
        await _village.StopPeerAsync(_joe);
        Assert.Equal("alice", await HolderAsync());
        using var browser = _village.NewBrowser();
        var page = await browser.GetAsync(At(_alice, "notes.txt"));
        Assert.Equal("joe's notes", page.Text);

        // To whom the owner has opened nothing, the copy opens nothing.
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SendAsync(HttpMethod.Get, At(_alice, "secret.txt"))).Status);
        using var reader = await _village.NewBrowserOfAsync("mallory");
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.GetAsync(At(_alice, "secret.txt"))).Status);
        using var owner = await _village.NewBrowserOfAsync("joe");
        Assert.Equal("nobody's business", (await owner.GetAsync(At(_alice, "secret.txt"))).Text);
    }

    [Fact]
    public async Task A_copy_says_where_and_of_when_it_is_and_takes_no_changes()
    {
        await ReplicateAsync(_alice, Alice);
        await _village.StopPeerAsync(_joe);
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{_alice.Status.Url!.Port}/notes.txt") { Headers = { Host = _joe.Status.Host } };
        using var response = await client.SendAsync(request);
        Assert.StartsWith("at=\"alice.userv.localhost\"; as-of=\"", response.Headers.GetValues(Replica.NoteHeader).Single(), StringComparison.Ordinal);
        using var owner = await _village.NewBrowserOfAsync("joe");
        await owner.GetAsync(At(_alice, "secret.txt"));
        Assert.Equal(HttpStatusCode.Conflict, (await owner.PostAsync(At(_alice, ".youserv/api/rule"), ("path", "/"))).Status);
    }

    [Fact]
    public async Task Who_comes_back_takes_the_name_back()
    {
        await ReplicateAsync(_alice, Alice);
        await _village.StopPeerAsync(_joe);
        Assert.Equal("alice", await HolderAsync());
        (_joe, _) = await _village.AddPeerAsync("joe");
        Assert.Null(await HolderAsync());
        Assert.Equal(PeerState.Serving, _joe.Status.State);
        await WriteAsync("notes.txt", "newer notes");
        await CaughtUpAsync(Alice);
        Assert.Equal("newer notes", await ReadAsync(_alice, "notes.txt"));
    }

    [Fact]
    public async Task A_folder_that_is_empty_all_at_once_empties_no_copy()
    {
        await ReplicateAsync(_alice, Alice);
        var before = await _joe.LookAsync();
        File.Move(In("notes.txt"), Path.Combine(_folder, "..", "notes.txt"));
        File.Delete(In("secret.txt"));
        Assert.Equal(before, await _joe.LookAsync());
        File.Move(Path.Combine(_folder, "..", "notes.txt"), In("notes.txt"));
        await CaughtUpAsync(Alice);
        Assert.Equal(["notes.txt"], Directory.EnumerateFiles(CopyOf(_alice)).Select(path => Path.GetFileName(path)!));
    }

    [Fact]
    public async Task Cookies_that_the_machine_that_stood_in_has_seen_open_nothing_at_the_owner_s()
    {
        await ReplicateAsync(_alice, Alice);
        using var browser = await _village.NewBrowserOfAsync("joe");
        Assert.Equal("nobody's business", (await browser.GetAsync(At(_joe, "secret.txt"))).Text);
        var cookies = browser.CookiesOf(_joe.Status.Host).ToArray();
        await _joe.SignOutAsync();
        await _joe.SignInAsync("joe@example.org", "joe's password");
        await _joe.WhenAsync(PeerState.Serving);
        using var thief = _village.NewBrowser();
        Assert.All(cookies, cookie => thief.SetCookie(_joe.Status.Host, cookie.Key, cookie.Value));
        Assert.Equal(HttpStatusCode.SeeOther, (await thief.SendAsync(HttpMethod.Get, At(_joe, "secret.txt"))).Status);

        // The owner does not notice.
        Assert.Equal("nobody's business", (await browser.GetAsync(At(_joe, "secret.txt"))).Text);
    }

    [Fact]
    public async Task Tickets_are_for_the_machine_that_asked_for_them()
    {
        await ReplicateAsync(_alice, Alice);
        await _joe.SignOutAsync();

        // Alice's machine stands in, and sends joe's browser to sign in with a nonce that she knows.
        using var owner = await _village.NewBrowserOfAsync("joe");
        var authorize = (await owner.GetAsync(At(_alice, "secret.txt"), follow: false)).Redirect!;
        var enter = (await owner.GetAsync(authorize.ToString(), follow: false)).Redirect!;
        await _joe.SignInAsync("joe@example.org", "joe's password");
        await _joe.WhenAsync(PeerState.Serving);
        using var thief = _village.NewBrowser();
        Assert.All(owner.CookiesOf(_joe.Status.Host), cookie => thief.SetCookie(_joe.Status.Host, cookie.Key, cookie.Value));
        Assert.Equal(HttpStatusCode.Forbidden, (await thief.GetAsync($"{_joe.Status.Url!.GetLeftPart(UriPartial.Authority)}{enter.PathAndQuery}", follow: false)).Status);

        // Nor does she get another one now: the name is joe's.
        Assert.Equal(HttpStatusCode.Conflict, (await owner.GetAsync(authorize.ToString(), follow: false)).Status);
    }

    [Fact]
    public async Task Visits_end_also_where_the_stand_in_has_gone_before_the_owner_is_back()
    {
        await ReplicateAsync(_alice, Alice);
        using var browser = await _village.NewBrowserOfAsync("joe");
        await browser.GetAsync(At(_joe, "secret.txt"));
        using var thief = _village.NewBrowser();
        Assert.All(browser.CookiesOf(_joe.Status.Host), cookie => thief.SetCookie(_joe.Status.Host, cookie.Key, cookie.Value));
        await _joe.SignOutAsync();
        await _alice.DropCopyAsync(Joe);
        await _joe.SignInAsync("joe@example.org", "joe's password");
        await _joe.WhenAsync(PeerState.Serving);
        Assert.Equal(HttpStatusCode.SeeOther, (await thief.SendAsync(HttpMethod.Get, At(_joe, "secret.txt"))).Status);
    }

    [Fact]
    public async Task Where_another_may_stand_in_cookies_open_nothing()
    {
        await ReplicateAsync(_alice, Alice);
        using var browser = await _village.NewBrowserOfAsync("joe");
        await _patience.UntilAsync(() => Task.FromResult(_joe.Site.AloneUntil is not null));
        Assert.Equal("nobody's business", (await browser.GetAsync(At(_joe, "secret.txt"))).Text);
        _wire.IsCut = true;
        await _patience.UntilAsync(async () => await HolderAsync() == "alice");
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SendAsync(HttpMethod.Get, At(_joe, "secret.txt"))).Status);
        _wire.IsCut = false;
        await _patience.UntilAsync(async () => await HolderAsync() is null);
        await _patience.UntilAsync(async () => (await browser.GetAsync(At(_joe, "secret.txt"))).Text == "nobody's business");
    }

    [Fact]
    public async Task Rules_of_a_folder_that_has_become_empty_travel()
    {
        await ReplicateAsync(_alice, Alice);
        Assert.Equal("joe's notes", await ReadAsync(_alice, "notes.txt"));
        File.Delete(In("notes.txt"));
        File.Delete(In("secret.txt"));
        await _joe.SetRuleAsync(new() { Path = SitePath.Parse("notes.txt"), Audience = Audience.Named });
        await CaughtUpAsync(Alice);
        using var browser = _village.NewBrowser();
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SendAsync(HttpMethod.Get, At(_alice, "notes.txt"))).Status);
        Assert.True(File.Exists(Path.Combine(CopyOf(_alice), "notes.txt")));
    }

    [Fact]
    public async Task Of_a_user_who_has_left_nobody_serves_the_site()
    {
        await ReplicateAsync(_alice, Alice);
        await YouServCoordinator.EndServiceAsync(_village.Store, UserId.Parse("joe@example.org"));
        await _patience.UntilAsync(async () => (await _village.Store.FindSiteAsync(Joe))!.Lease is null);
        await _patience.UntilAsync(() => Task.FromResult(_alice.FindReplica($"joe.{Village.Zone}") is null));
        Assert.Empty(await _village.Store.ListReplicasAsync(Joe));
    }

    [Fact]
    public async Task Browsers_that_know_the_old_address_get_to_the_copy()
    {
        await ReplicateAsync(_alice, Alice);
        using var browser = _village.NewBrowser();
        var old = At(_joe, "notes.txt");
        Assert.Equal("joe's notes", (await browser.GetAsync(old)).Text);
        await _joe.SignOutAsync();
        Assert.Equal("alice", await HolderAsync());
        await File.WriteAllTextAsync(Path.Combine(CopyOf(_alice), "notes.txt"), "from the copy");
        var page = await browser.GetAsync(old);
        Assert.Equal((HttpStatusCode.OK, "from the copy"), (page.Status, page.Text));

        await _joe.SignInAsync("joe@example.org", "joe's password");
        await _joe.WhenAsync(PeerState.Serving);
        Assert.Equal("joe's notes", await ReadAsync(_joe, "notes.txt"));
    }

    [Fact]
    public async Task When_the_owner_is_silent_the_copy_takes_over()
    {
        await ReplicateAsync(_alice, Alice);
        _wire.IsCut = true;
        await _patience.UntilAsync(async () => await HolderAsync() == "alice");
        Assert.Equal("joe's notes", await ReadAsync(_alice, "notes.txt"));
    }

    [Fact]
    public async Task An_owner_whom_nobody_can_reach_has_copies_too()
    {
        // Joe is behind a firewall from now on; mallory carries his visitors, and alice's peer comes the same way.
        await _village.StopPeerAsync(_joe);
        var (mallory, _) = await _village.AddPeerAsync("mallory", options: options => options.IsProxy = true);
        (_joe, _) = await _village.AddPeerAsync("joe", options: options => options.Addresses.Add(IPAddress.Parse("127.0.0.99")));
        Assert.Equal(mallory.Status.Host, _joe.Status.ProxyHost);
        await ReplicateAsync(_alice, Alice);
        await _village.StopPeerAsync(_joe);
        Assert.Equal("alice", await HolderAsync());
        Assert.Equal("joe's notes", await ReadAsync(_alice, "notes.txt"));
    }

    [Fact]
    public async Task A_copy_s_peer_gets_certificates_for_its_own_name_and_the_copied_one_only()
    {
        await ReplicateAsync(_alice, Alice);
        Assert.Equal(["alice.userv.localhost", "joe.userv.localhost"], await NamesAsync("alice"));
        Assert.Equal(["joe.userv.localhost"], await NamesAsync("joe"));
        await _joe.DismissHolderAsync(Alice);
        Assert.Equal(["alice.userv.localhost"], await NamesAsync("alice"));
    }

    [Fact]
    public async Task Of_two_copies_the_most_current_one_takes_over_and_then_the_other()
    {
        var (mallory, _) = await _village.AddPeerAsync("mallory");
        await ReplicateAsync(_alice, Alice);
        await ReplicateAsync(mallory, Mallory);
        await _village.StopPeerAsync(mallory);
        await WriteAsync("notes.txt", "newer notes");
        await CaughtUpAsync(Alice);
        (mallory, _) = await _village.AddPeerAsync("mallory", options: options => options.ReplicaLengthMax = 1);
        await _village.StopPeerAsync(_joe);
        Assert.Equal("alice", await HolderAsync());
        await _village.StopPeerAsync(_alice);
        await _patience.UntilAsync(async () => await HolderAsync() == "mallory");
        Assert.Equal("joe's notes", await ReadAsync(mallory, "notes.txt"));
    }

    [Fact]
    public async Task Changes_deletions_and_renames_follow()
    {
        await WriteAsync("a/b/deep.txt", "deep");
        await WriteAsync("old.txt", "moves");
        await ReplicateAsync(_alice, Alice);
        var copy = CopyOf(_alice);
        File.Move(In("old.txt"), In("a/new.txt"));
        File.Delete(In("secret.txt"));
        Directory.Delete(In("a/b"), recursive: true);
        await WriteAsync("a/b", "a file where a folder was");
        await WriteAsync("Ünïcödé 🎈/空.txt", "");
        File.SetLastWriteTimeUtc(In("notes.txt"), new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        await CaughtUpAsync(Alice);
        Assert.Equal(
            ["a/b", "a/new.txt", "notes.txt", "Ünïcödé 🎈/空.txt"],
            Directory.EnumerateFiles(copy, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(copy, path)).Order(StringComparer.OrdinalIgnoreCase));
        Assert.Equal("a file where a folder was", await File.ReadAllTextAsync(Path.Combine(copy, "a", "b")));
        Assert.Equal(2001, File.GetLastWriteTimeUtc(Path.Combine(copy, "notes.txt")).Year);
    }

    [Fact]
    public async Task Rules_and_the_end_of_share_links_travel()
    {
        using var owner = await _village.NewBrowserOfAsync("joe");
        await owner.GetAsync($"{_joe.Status.Url}.youserv/");
        var (link, secret) = await _joe.Site.Links.CreateAsync(SitePath.Parse("secret.txt"), null, DateTimeOffset.UtcNow);
        await ReplicateAsync(_alice, Alice);
        Assert.Equal("nobody's business", await ReadAsync(_alice, $".youserv/share/{secret}/secret.txt"));
        await _joe.Site.Links.RevokeAsync(link.Id);
        await _joe.SetRuleAsync(new() { Path = SitePath.Parse("notes.txt"), Audience = Audience.Named });
        await CaughtUpAsync(Alice);
        using var browser = _village.NewBrowser();
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(At(_alice, $".youserv/share/{secret}/secret.txt"))).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SendAsync(HttpMethod.Get, At(_alice, "notes.txt"))).Status);
    }

    [Fact]
    public async Task Of_a_large_file_the_blocks_that_differ_travel()
    {
        var content = RandomNumberGenerator.GetBytes(20_000_000);
        await File.WriteAllBytesAsync(In("large.bin"), content);
        await ReplicateAsync(_alice, Alice);
        content[7_654_321] ^= 1;
        await File.WriteAllBytesAsync(In("large.bin"), content);
        await CaughtUpAsync(Alice);
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(CopyOf(_alice), "large.bin")));
    }

    [Fact]
    public async Task What_somebody_changes_in_a_copy_is_found_and_mended()
    {
        await ReplicateAsync(_alice, Alice);
        var copy = CopyOf(_alice);
        await File.WriteAllTextAsync(Path.Combine(copy, "notes.txt"), "mallory's");
        await File.WriteAllTextAsync(Path.Combine(copy, "added.txt"), "added");
        File.Delete(Path.Combine(copy, "secret.txt"));
        await WriteAsync("other.txt", "the next change");
        await CaughtUpAsync(Alice);
        Assert.Equal("joe's notes", await File.ReadAllTextAsync(Path.Combine(copy, "notes.txt")));
        Assert.Equal(["notes.txt", "other.txt", "secret.txt"], Directory.EnumerateFiles(copy).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_copy_that_the_owner_ends_is_deleted_and_serves_no_more()
    {
        await ReplicateAsync(_alice, Alice);
        var copy = CopyOf(_alice);
        await _joe.DismissHolderAsync(Alice);
        await _patience.UntilAsync(() => Task.FromResult(!Directory.Exists(copy)));
        using var browser = _village.NewBrowser();
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await browser.GetAsync(At(_alice, "notes.txt"))).Status);
    }

    [Fact]
    public async Task A_peer_that_is_started_again_goes_on_with_its_copy()
    {
        await ReplicateAsync(_alice, Alice);
        await _village.StopPeerAsync(_alice);
        await _village.StopPeerAsync(_joe);
        (_alice, _) = await _village.AddPeerAsync("alice");
        await _patience.UntilAsync(async () => await HolderAsync() == "alice");
        Assert.Equal("joe's notes", await ReadAsync(_alice, "notes.txt"));
    }

    [Fact]
    public async Task Nobody_becomes_a_replica_who_was_not_invited()
    {
        await Assert.ThrowsAsync<YouServException>(async () => await _alice.AcceptCopyAsync(Joe));
        await Assert.ThrowsAsync<YouServException>(async () => await _joe.InviteHolderAsync(Joe));
        await Assert.ThrowsAsync<YouServException>(async () => await _joe.InviteHolderAsync(SiteName.Parse("nobody")));
        await _joe.InviteHolderAsync(Alice);
        Assert.Equal([new() { Holder = Alice }], (await _joe.GetReplicationAsync()).Replicas);
        Assert.Equal([new() { Site = Joe, DisplayName = "Joe" }], (await _alice.GetReplicationAsync()).Copies);
    }

    [Theory]
    [InlineData("state")]
    [InlineData("rules")]
    [InlineData("folder?path=")]
    [InlineData("file?path=secret.txt&from=0&length=10")]
    public async Task Nobody_copies_without_a_pass(string path)
    {
        using var browser = await _village.NewBrowserOfAsync("joe");
        await browser.GetAsync($"{_joe.Status.Url}secret.txt");
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync($"{_joe.Status.Url}.youserv/sync/{path}")).Status);
    }

    /// <summary>Asks for a certificate as the peer of a user does, for as much as it can get.</summary>
    private async Task<IEnumerable<string>> NamesAsync(string user)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=joe.userv.localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("mallory.userv.localhost");
        request.CertificateExtensions.Add(names.Build());
        var coordinator = _village.Service;
        var peer = (SignInResult.SignedIn)await coordinator.SignInAsync($"{user}@example.org", $"{user}'s password", SessionKind.Peer, "", IPAddress.Loopback);
        using var certificate = await coordinator.IssueCertificateAsync(peer.Session, request.CreateSigningRequest());
        return certificate!.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames().Order(StringComparer.Ordinal);
    }

    private string At(YouServPeer peer, string path) => $"http://joe.{Village.Zone}:{peer.Status.Url!.Port}/{path}";

    private string In(string name) => Path.Combine(_folder, name);

    private static string CopyOf(YouServPeer peer) => peer.FindReplica($"joe.{Village.Zone}")!.Copy.Site.FolderPath;

    private async Task WriteAsync(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
        await File.WriteAllTextAsync(In(name), text);
    }

    private async Task<string> ReadAsync(YouServPeer peer, string path)
    {
        using var browser = _village.NewBrowser();
        return (await browser.GetAsync(At(peer, path))).Text;
    }

    private async Task<string?> HolderAsync() => (await _village.Store.FindSiteAsync(Joe))!.Lease?.Holder?.Value;

    private async Task ReplicateAsync(YouServPeer peer, SiteName holder)
    {
        await _joe.InviteHolderAsync(holder);
        await peer.AcceptCopyAsync(Joe);
        await CaughtUpAsync(holder);
    }

    /// <summary>Waits until a copy is what the folder is, and the coordinator knows it.</summary>
    private Task CaughtUpAsync(SiteName holder) => _patience.UntilAsync(async () =>
    {
        var version = await _joe.LookAsync();
        return (await _joe.GetReplicationAsync()).Replicas.Any(replica => replica.Holder == holder && replica.Version == version);
    });
}
