using System.Net;
using P2P.YouServ;
using P2P.YouServ.Dns;
using YouServ.Tests.Dns;

namespace YouServ.Tests.Coordination;

/// <summary>The operator's own names stand in the zone beside those of sites.</summary>
public sealed class KeptNameTests : IDisposable
{
    private static readonly IPAddress Home = IPAddress.Parse("192.0.2.1");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(DnsRecordType.A, "192.0.2.7")]
    [InlineData(DnsRecordType.Cname, "elsewhere.example")]
    public async Task A_user_whose_site_would_have_the_name_of_a_machine_keeps_nobody_from_theirs(DnsRecordType type, string value)
    {
        await using var dns = await DnsServer.StartAsync(NewOptions(type, value));
        await using var store = await SqliteCoordinatorStore.OpenAsync(_folder.In("coordinator.db"));
        await using (var coordinator = await StartAsync(store, dns))
        {
            await SignInAsync(store, coordinator, "wiki@example.org");
            var joe = await SignInAsync(store, coordinator, "joe@example.org");
            Assert.IsType<LeaseResult.Granted>(await coordinator.GrantLeaseAsync(joe, [], 8080, false, Home));
        }

        // Nor does it keep the coordinator from starting.
        await using var again = await StartAsync(store, dns);
        Assert.True((await again.CheckHealthAsync()).IsHealthy);
    }

    private static Task<YouServCoordinator> StartAsync(SqliteCoordinatorStore store, DnsServer dns) =>
        YouServCoordinator.StartAsync(new() { Zone = TestZone.Origin.Value }, new() { Store = store, Dns = dns, Probe = new ChosenProbe() });

    private static DnsServerOptions NewOptions(DnsRecordType type, string value) => new()
    {
        Zone = TestZone.Origin,
        NameServers = [DnsName.Parse("ns.other.example")],
        Endpoints = [new IPEndPoint(IPAddress.Loopback, 0)],
        Records = [new DnsRecordSet(TestZone.Origin.Child("wiki"), type, [value])],
    };

    private static async Task<SessionRecord> SignInAsync(SqliteCoordinatorStore store, YouServCoordinator coordinator, string user)
    {
        await new LocalAccounts(store).SetAsync(UserId.Parse(user), "a password");
        return ((SignInResult.SignedIn)await coordinator.SignInAsync(user, "a password", SessionKind.Peer, "", Home)).Session;
    }
}
