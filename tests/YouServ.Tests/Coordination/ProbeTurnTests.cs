using System.Net;
using P2P.YouServ;

namespace YouServ.Tests.Coordination;

public sealed class ProbeTurnTests : IDisposable
{
    private static readonly IPAddress Home = IPAddress.Parse("192.0.2.1");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Whoever_asks_often_has_the_coordinator_knock_once_at_a_time_and_keeps_nobody_else_waiting()
    {
        await using var store = await SqliteCoordinatorStore.OpenAsync(_folder.In("coordinator.db"));
        var probe = new HeldProbe();
        await using var coordinator = await YouServCoordinator.StartAsync(new() { Zone = "userv.example" }, new() { Store = store, Dns = new MemoryDns(), Probe = probe });
        var mallory = await SignInAsync(store, coordinator, "mallory@example.org");
        var joe = await SignInAsync(store, coordinator, "joe@example.org");
        var flood = Enumerable.Range(0, 20).Select(_ => coordinator.GrantLeaseAsync(mallory, [], 8080, false, Home).AsTask()).ToArray();
        Assert.IsType<LeaseResult.Granted>(await coordinator.GrantLeaseAsync(joe, [], 8080, false, Home));
        Assert.Equal(1, probe.Held);
        probe.Release.SetResult();
        Assert.All(await Task.WhenAll(flood), result => Assert.IsType<LeaseResult.Unreachable>(result));
    }

    private static async Task<SessionRecord> SignInAsync(SqliteCoordinatorStore store, YouServCoordinator coordinator, string user)
    {
        await new LocalAccounts(store).SetAsync(UserId.Parse(user), "a password");
        return ((SignInResult.SignedIn)await coordinator.SignInAsync(user, "a password", SessionKind.Peer, "", Home)).Session;
    }

    /// <summary>Reaches all but mallory, whom it looks for until it is released.</summary>
    private sealed class HeldProbe : IPeerProbe
    {
        private int _held;

        public int Held => Volatile.Read(ref _held);

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<bool> IsReachableAsync(string host, IPAddress address, int port, bool isSecure, string tokenHash, CancellationToken cancellationToken)
        {
            if (!host.StartsWith("mallory", StringComparison.Ordinal))
            {
                return true;
            }

            Interlocked.Increment(ref _held);
            await Release.Task.WaitAsync(cancellationToken);
            return false;
        }
    }
}
