using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using P2P.YouServ;
using P2P.YouServ.Dns;

namespace YouServ.Tests.Coordination;

public sealed class HealthTests : IDisposable
{
    private static readonly IPAddress Home = IPAddress.Parse("192.0.2.1");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_coordinator_tells_when_names_do_not_follow_and_when_they_do_again()
    {
        await using var store = await SqliteCoordinatorStore.OpenAsync(_folder.In("coordinator.db"));
        var dns = new FailingDns();
        await using var coordinator = await YouServCoordinator.StartAsync(new() { Zone = "userv.example" }, new() { Store = store, Dns = dns, Probe = new ChosenProbe() });
        var peer = await SignInAsync(store, coordinator);
        var health = await coordinator.CheckHealthAsync();
        Assert.True(health.IsHealthy);
        Assert.Equal((1, 0), (health.Sites, health.SitesServed));

        dns.IsBroken = true;
        var granting = coordinator.GrantLeaseAsync(peer, [], 8080, false, Home).AsTask();
        await dns.Failed.Task;
        while ((await coordinator.CheckHealthAsync()).NamesBehindSince is null)
        {
            await Task.Yield();
        }

        Assert.False((await coordinator.CheckHealthAsync()).IsHealthy);
        dns.IsBroken = false;
        await granting;
        health = await coordinator.CheckHealthAsync();
        Assert.Equal((1, 1), (health.Sites, health.SitesServed));
        while (!(await coordinator.CheckHealthAsync()).IsHealthy)
        {
            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_coordinator_that_cannot_check_whether_peers_are_reachable_says_so_though_it_hears_them()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var store = await SqliteCoordinatorStore.OpenAsync(_folder.In("coordinator.db"), time);
        var probe = new FailingProbe();
        await using var coordinator = await YouServCoordinator.StartAsync(
            new() { Zone = "userv.example", HeartbeatInterval = TimeSpan.FromSeconds(1), AvailabilityCheckInterval = TimeSpan.FromSeconds(10) },
            new() { Store = store, Dns = new MemoryDns(), Probe = probe });
        var peer = await SignInAsync(store, coordinator);
        await coordinator.GrantLeaseAsync(peer, [], 8080, false, Home);
        Assert.True((await coordinator.CheckHealthAsync()).IsHealthy);

        probe.IsBroken = true;
        time.Advance(TimeSpan.FromSeconds(10));
        while ((await coordinator.CheckHealthAsync()).UnwatchedSince is null)
        {
            await Task.Yield();
        }

        var looked = coordinator.Watch.LookedAsync();
        time.Advance(TimeSpan.FromSeconds(0.5));
        await looked;
        Assert.NotNull((await coordinator.CheckHealthAsync()).UnwatchedSince);
    }

    [Fact]
    public async Task A_store_that_is_gone_makes_a_coordinator_ill_and_nothing_else()
    {
        var store = await SqliteCoordinatorStore.OpenAsync(_folder.In("coordinator.db"));
        await using var coordinator = await YouServCoordinator.StartAsync(new() { Zone = "userv.example" }, new() { Store = store, Dns = new MemoryDns(), Probe = new ChosenProbe() });
        await store.DisposeAsync();
        var health = await coordinator.CheckHealthAsync();
        Assert.False(health.IsStoreReachable);
        Assert.False(health.IsHealthy);
    }

    [Fact]
    public async Task What_a_coordinator_does_is_counted()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var seen = new Dictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == YouServTelemetry.MeterName && instrument.Meter.Scope == services.GetRequiredService<IMeterFactory>())
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            lock (seen)
            {
                var key = $"{instrument.Name} {tags[0].Value}";
                seen[key] = seen.GetValueOrDefault(key) + value;
            }
        });
        listener.Start();

        await using var store = await SqliteCoordinatorStore.OpenAsync(_folder.In("coordinator.db"));
        await using (var coordinator = await YouServCoordinator.StartAsync(
            new() { Zone = "userv.example" },
            new() { Store = store, Dns = new MemoryDns(), Probe = new ChosenProbe(), MeterFactory = services.GetRequiredService<IMeterFactory>() }))
        {
            var peer = await SignInAsync(store, coordinator);
            await coordinator.SignInAsync("joe@example.org", "a guess", SessionKind.Browser, "", Home);
            var granted = (LeaseResult.Granted)await coordinator.GrantLeaseAsync(peer, [], 8080, false, Home);
            await coordinator.GrantLeaseAsync(peer, [], 22, false, Home);
            await coordinator.RenewLeaseAsync(peer, granted.Site.Lease!.Id);
            await coordinator.ReleaseLeaseAsync(peer, granted.Site.Lease.Id);
            await coordinator.RenewLeaseAsync(peer, granted.Site.Lease.Id);
        }

        Assert.Equal(
            [
                "p2p.youserv.heartbeats renewed 1",
                "p2p.youserv.heartbeats too_late 1",
                "p2p.youserv.lease_requests granted 1",
                "p2p.youserv.lease_requests refused 1",
                "p2p.youserv.leases_ended released 1",
                "p2p.youserv.probes reached 1",
                "p2p.youserv.sign_ins refused 1",
                "p2p.youserv.sign_ins signed_in 1",
            ],
            seen.Select(pair => $"{pair.Key} {pair.Value}").Order(StringComparer.Ordinal));
    }

    private static async Task<SessionRecord> SignInAsync(SqliteCoordinatorStore store, YouServCoordinator coordinator)
    {
        await new LocalAccounts(store).SetAsync(UserId.Parse("joe@example.org"), "joe's password");
        return ((SignInResult.SignedIn)await coordinator.SignInAsync("joe@example.org", "joe's password", SessionKind.Peer, "", Home)).Session;
    }

    private sealed class FailingDns : IDnsPublisher
    {
        private volatile bool _isBroken;

        public bool IsBroken
        {
            get => _isBroken;
            set => _isBroken = value;
        }

        public TaskCompletionSource Failed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask PublishAsync(IReadOnlyList<DnsRecordSet> changes, CancellationToken cancellationToken = default)
        {
            if (_isBroken)
            {
                Failed.TrySetResult();
                throw new YouServException("The server of names is away.");
            }

            return default;
        }
    }

    private sealed class FailingProbe : IPeerProbe
    {
        private volatile bool _isBroken;

        public bool IsBroken
        {
            get => _isBroken;
            set => _isBroken = value;
        }

        public ValueTask<bool> IsReachableAsync(string host, IPAddress address, int port, bool isSecure, string tokenHash, CancellationToken cancellationToken) =>
            _isBroken ? throw new InvalidOperationException("This machine has no network.") : ValueTask.FromResult(true);
    }
}
