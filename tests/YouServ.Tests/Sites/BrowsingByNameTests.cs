using System.Net;
using Microsoft.Playwright;
using P2P.YouServ;
using P2P.YouServ.Dns;

namespace YouServ.Tests.Sites;

/// <summary>A browser on another machine finds sites by nothing but their names, which our server tells it.</summary>
public sealed class BrowsingByNameTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Zone = "userv.test";

    // Of the network that is set aside for trials of networks.
    private static readonly IPAddress Coordinator = IPAddress.Parse("198.18.77.1");
    private static readonly IPAddress Joe = IPAddress.Parse("198.18.77.2");
    private static readonly IPAddress Alice = IPAddress.Parse("198.18.77.3");
    private static readonly IPAddress Mallory = IPAddress.Parse("198.18.77.4");

    /// <summary>Where nobody is: so it looks from outside of a firewall.</summary>
    private static readonly IPAddress Walled = IPAddress.Parse("198.18.77.99");

    [SkippableFact]
    public async Task One_signs_in_and_reads_sites_at_their_peers_behind_a_proxy_and_at_a_copy()
    {
        var program = Installed.Program("chromium", "chromium");
        using var machine = SeparateMachine.Start([Coordinator, Joe, Alice, Mallory], IPAddress.Parse("198.18.77.9"));
        using var folder = new TemporaryFolder();
        machine.WriteRunner(folder.In("chromium"), program);

        await using var dns = await DnsServer.StartAsync(new()
        {
            Zone = DnsName.Parse(Zone),
            NameServers = [DnsName.Parse($"ns.{Zone}")],
            Endpoints = [new IPEndPoint(Coordinator, 53)],
            Records = [new(DnsName.Parse(Zone), DnsRecordType.A, [Coordinator.ToString()]), new(DnsName.Parse($"ns.{Zone}"), DnsRecordType.A, [Coordinator.ToString()])],
        });
        await using var village = await Village.StartAsync(
            options =>
            {
                options.PeerNetworks.Add(IPNetwork.Parse("198.18.77.0/24"));
                options.DnsTimeToLive = TimeSpan.FromSeconds(1);
            },
            new()
            {
                Zone = Zone,
                Dns = dns,
                Places = new Dictionary<string, IPAddress> { [""] = Coordinator, ["joe"] = Joe, ["alice"] = Alice, ["mallory"] = Mallory },
                IsSecure = true,
            });
        await chromium.StartAsync(folder.In("chromium"), trusted: village.Authority);
        var (peer, files) = await village.AddPeerAsync("joe", options: options => options.IsProxy = true);
        var (alice, _) = await village.AddPeerAsync("alice");
        var (walled, hidden) = await village.AddPeerAsync("mallory", options: options =>
        {
            options.Addresses.Clear();
            options.Addresses.Add(Walled);
        });
        await File.WriteAllTextAsync(Path.Combine(hidden, "notes.txt"), "from behind the wall");
        await walled.SetRuleAsync(new() { Path = SitePath.Root, Audience = Audience.SignedIn });
        await File.WriteAllTextAsync(Path.Combine(files, "notes.txt"), "joe's notes");
        await peer.SetRuleAsync(new() { Path = SitePath.Root, Audience = Audience.SignedIn });

        var page = await chromium.OpenAsync();
        await page.GotoAsync($"https://{Zone}/");
        await page.GetByLabel("User").FillAsync("alice@example.org");
        await page.GetByLabel("Password").FillAsync("alice's password");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(page.Locator("body")).ToContainTextAsync("Everyone’s sites");
        await page.GetByRole(AriaRole.Link, new() { Name = $"joe.{Zone}" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "notes.txt" }).ClickAsync();
        await Assertions.Expect(page.Locator("body")).ToHaveTextAsync("joe's notes");
        Assert.Equal($"https://joe.{Zone}/notes.txt", page.Url);
        Assert.Equal(Joe.ToString(), (await (await page.ReloadAsync())!.ServerAddrAsync())!.IpAddress);

        // A peer that nobody can reach is visited through joe's, who cannot read what goes through.
        await page.GotoAsync($"https://mallory.{Zone}/notes.txt");
        await Assertions.Expect(page.Locator("body")).ToHaveTextAsync("from behind the wall");
        Assert.Equal(Joe.ToString(), (await (await page.ReloadAsync())!.ServerAddrAsync())!.IpAddress);

        // Joe goes, and alice's copy stands in: under the same name, for those who know the old address as well.
        await peer.InviteHolderAsync(SiteName.Parse("alice"));
        await alice.AcceptCopyAsync(SiteName.Parse("joe"));
        using (var patience = new Replication.ReplicaPatience())
        {
            await patience.UntilAsync(async () => await peer.LookAsync() is var version && (await peer.GetReplicationAsync()).Replicas is [{ Version: var copied }] && copied == version);
        }

        await page.GotoAsync($"https://joe.{Zone}/notes.txt");
        await peer.SignOutAsync();
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("body")).ToHaveTextAsync("joe's notes");
        var reader = await chromium.OpenAsync();
        var first = await reader.GotoAsync($"https://joe.{Zone}/notes.txt");
        Assert.Equal(Coordinator.ToString(), (await first!.ServerAddrAsync())!.IpAddress);
        await reader.GetByLabel("User").FillAsync("alice@example.org");
        await reader.GetByLabel("Password").FillAsync("alice's password");
        await reader.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(reader.Locator("body")).ToHaveTextAsync("joe's notes");
        Assert.Equal($"https://joe.{Zone}/notes.txt", reader.Url);
        Assert.Equal(Alice.ToString(), (await (await reader.ReloadAsync())!.ServerAddrAsync())!.IpAddress);

        // Without the copy, who comes now is told that there is no such name.
        await alice.DropCopyAsync(SiteName.Parse("joe"));
        var stranger = await chromium.OpenAsync();
        var failure = await Assert.ThrowsAsync<PlaywrightException>(() => stranger.GotoAsync($"https://joe.{Zone}/"));
        Assert.Contains("ERR_NAME_NOT_RESOLVED", failure.Message, StringComparison.Ordinal);
    }
}
