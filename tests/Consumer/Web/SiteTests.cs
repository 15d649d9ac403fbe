using System.Net;
using P2P.YouServ;
using P2P.YouServ.Dns;

namespace Consumer.Web;

public sealed class SiteTests
{
    private const string Password = "open sesame";

    [Fact]
    public async Task A_person_has_a_site_which_others_read_and_search()
    {
        using var patience = new Patience();
        await using var dns = await NewNameServerAsync(patience);
        await using var village = await Village.StartAsync(dns, store => new LocalAccounts(store), patience);
        await village.AddAccountAsync("joe", Password, patience);
        await village.AddAccountAsync("alice", Password, patience);

        var joe = await village.MoveInAsync("joe", patience);
        var alice = await village.MoveInAsync("alice", patience);
        await joe.OpenSiteAsync("joe@example.org", Password, patience);
        await alice.OpenSiteAsync("alice@example.org", Password, patience);
        await joe.SaveAsync("rain.md", "# Plans\n\nA red umbrella for each of us.", patience);
        await alice.SaveAsync("sun.txt", "No umbrella at all.", patience);

        Assert.StartsWith("# Plans", await joe.VisitAsync("rain.md", patience), StringComparison.Ordinal);
        Assert.Equal(["joe"], await FindAsync(alice, "\"red umbrella\"", patience));
        Assert.Equal(["alice", "joe"], await FindAsync(joe, "umbrella", patience));
        Assert.Empty(await FindAsync(joe, "umbrella type:pdf", patience));
    }

    [Fact]
    public async Task What_a_site_s_owner_closes_is_neither_read_nor_found()
    {
        using var patience = new Patience();
        await using var dns = await NewNameServerAsync(patience);
        await using var village = await Village.StartAsync(dns, store => new LocalAccounts(store), patience);
        await village.AddAccountAsync("joe", Password, patience);
        await village.AddAccountAsync("alice", Password, patience);

        var joe = await village.MoveInAsync("joe", patience);
        var alice = await village.MoveInAsync("alice", patience);
        await joe.OpenSiteAsync("joe@example.org", Password, patience);
        await alice.OpenSiteAsync("alice@example.org", Password, patience);
        await joe.SaveAsync("rain.txt", "A red umbrella.", patience);
        await joe.Peer.SetRuleAsync(new() { Path = SitePath.Parse("rain.txt"), Audience = Audience.Named }, patience);

        Assert.NotEqual("A red umbrella.", await joe.VisitAsync("rain.txt", patience));
        Assert.Empty(await FindAsync(alice, "umbrella", patience));
        Assert.Equal(["joe"], await FindAsync(joe, "umbrella", patience));
    }

    private static async Task<IReadOnlyList<string>> FindAsync(Resident who, string query, CancellationToken cancellationToken) =>
        [.. (await who.Search.FindAsync(query, cancellationToken: cancellationToken)).Hits.Select(hit => hit.Site.Value).Order(StringComparer.Ordinal)];

    private static Task<DnsServer> NewNameServerAsync(CancellationToken cancellationToken)
    {
        var nameServer = DnsName.Parse($"ns.{Village.Zone}");
        return DnsServer.StartAsync(
            new()
            {
                Zone = DnsName.Parse(Village.Zone),
                NameServers = [nameServer],
                Endpoints = [new(IPAddress.Loopback, 0)],
                Records = [DnsRecordSet.OfAddresses(nameServer, IPAddress.Loopback)],
            },
            cancellationToken);
    }
}
