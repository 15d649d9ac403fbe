using System.Net;
using P2P.YouServ;
using YouServ.Tests.Storage;

namespace YouServ.Tests.Coordination;

/// <summary>Several coordinators work over one database, each with a DNS of its own.</summary>
public sealed class SharedStoreTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private static readonly IPAddress Home = IPAddress.Parse("192.0.2.1");

    [SkippableFact]
    public async Task What_one_coordinator_is_told_the_others_tell_too_and_one_may_die()
    {
        var database = await server.CreateDatabaseAsync();
        var (first, second) = (await Coordinator.StartAsync(database), await Coordinator.StartAsync(database));
        await using (second)
        {
            await new LocalAccounts(first.Store).SetAsync(UserId.Parse("joe@example.org"), "joe's password");
            var signedIn = (SignInResult.SignedIn)await first.Machine.SignInAsync("joe@example.org", "joe's password", SessionKind.Peer, "", Home);
            var granted = (LeaseResult.Granted)await first.Machine.GrantLeaseAsync(signedIn.Session, [], 8080, false, Home);
            Assert.Equal(["192.0.2.1"], first.Dns["joe.userv.example"]);
            await first.DisposeAsync();

            // The second has the session, the lease, the key of the tickets, and the name.
            var session = await second.Machine.FindSessionAsync(signedIn.Token, SessionKind.Peer);
            Assert.True(await second.Machine.RenewLeaseAsync(session!, granted.Site.Lease!.Id));
            Assert.Equal(first.Key, second.Machine.TicketPublicKey);
            await second.Dns.WhenAsync("joe.userv.example", addresses => addresses.Count > 0);
            Assert.True(await second.Machine.ReleaseLeaseAsync(session!, granted.Site.Lease.Id));
            Assert.Empty(second.Dns["joe.userv.example"]);
        }
    }

    [SkippableFact]
    public async Task Peers_may_talk_to_any_at_the_same_time_while_one_is_stopped()
    {
        var database = await server.CreateDatabaseAsync();
        var (first, second) = (await Coordinator.StartAsync(database), await Coordinator.StartAsync(database));
        await using (second)
        {
            var accounts = new LocalAccounts(second.Store);
            await accounts.SetAsync(UserId.Parse("joe@example.org"), "joe's password");
            var signedIn = (SignInResult.SignedIn)await second.Machine.SignInAsync("joe@example.org", "joe's password", SessionKind.Peer, "", Home);

            // Half of the moves go to a coordinator that is stopped amid them; what was not told done may have been done or not.
            var moves = Enumerable.Range(1, 60).Select(async number =>
            {
                var address = IPAddress.Parse($"198.51.100.{number}");
                try
                {
                    await (number % 2 == 0 ? first : second).Machine.GrantLeaseAsync(signedIn.Session, [], 8080, false, address);
                }
                catch (Exception failure) when (number % 2 == 0 && failure is ObjectDisposedException or OperationCanceledException)
                {
                }

                if (number == 30)
                {
                    await first.DisposeAsync();
                }
            });
            await Task.WhenAll(moves);
            var last = (LeaseResult.Granted)await second.Machine.GrantLeaseAsync(signedIn.Session, [], 8080, false, Home);
            Assert.Equal(["192.0.2.1"], second.Dns["joe.userv.example"]);
            Assert.True(await second.Machine.RenewLeaseAsync(signedIn.Session, last.Site.Lease!.Id));
        }
    }

    private sealed class Coordinator : IAsyncDisposable
    {
        public required PostgresCoordinatorStore Store { get; init; }

        public required MemoryDns Dns { get; init; }

        public required YouServCoordinator Machine { get; init; }

        public required byte[] Key { get; init; }

        public static async Task<Coordinator> StartAsync(string database)
        {
            var store = await PostgresCoordinatorStore.OpenAsync(database);
            var dns = new MemoryDns();
            var machine = await YouServCoordinator.StartAsync(new() { Zone = "userv.example" }, new() { Store = store, Dns = dns, Probe = new ChosenProbe() });
            return new() { Store = store, Dns = dns, Machine = machine, Key = machine.TicketPublicKey };
        }

        public async ValueTask DisposeAsync()
        {
            await Machine.DisposeAsync();
            await Store.DisposeAsync();
        }
    }
}
