using P2P.Past;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Past.Tests.Hosting;

/// <summary>Caches of live nodes: where copies are kept, what becomes of them at a start, and what is told of them.</summary>
public class CacheLifeTests
{
    private static readonly byte[] Content = TestFiles.Content(1_000);

    [Fact]
    public async Task Copies_of_an_earlier_life_go_and_those_of_this_one_are_counted()
    {
        using var limit = new CancellationTokenSource(LoopbackRing.Patience);
        using var meters = new PastMeters();
        var removed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var old = TestFiles.Certify(Content, "of an earlier life");
        var kept = new MemoryReplicaStore(1 << 20);
        await kept.StoreAsync(old, Content, limit.Token);
        var past = new PastStore(new PastStoreOptions
        {
            Replicas = new MemoryReplicaStore(1 << 20),
            Copies = new WatchedStore(kept, removed.SetResult),
            Cache = new CacheOptions { CapacityBytes = 1 << 20 },
            MeterFactory = meters,
        });
        await using (await PastryNode.StartAsync(Options(past), limit.Token))
        {
            await removed.Task.WaitAsync(limit.Token);
            Assert.False(kept.Contains(old.FileId));
            Assert.Equal(default(CacheStatistics), past.Cache);
            Assert.Equal(0, meters.Read("p2p.past.cache_hits"));
            Assert.Equal(0, meters.Read("p2p.past.cache_bytes"));
        }

        Assert.Equal(0, meters.Read("p2p.past.cache_misses"));
    }

    [Fact]
    public void Options_that_can_t_be_are_refused()
    {
        Assert.All(
            (CacheOptions[])
            [
                new() { CapacityBytes = -1 }, new() { AdmissionRatio = 0 }, new() { AdmissionRatio = 1.1 }, new() { AdmissionRatio = double.NaN },
                new() { CopyLifetime = TimeSpan.Zero }, new() { FetchesMax = 0 }, new() { FetchesMax = 257 },
            ],
            cache => Assert.Throws<PastException>(() => new PastStore(new PastStoreOptions { Replicas = new MemoryReplicaStore(0), Cache = cache })));
        var small = new PastStoreOptions { Replicas = new MemoryReplicaStore(0), Copies = new MemoryReplicaStore(1000) };
        Assert.Contains("Copies", Assert.Throws<PastException>(() => new PastStore(small)).Message, StringComparison.Ordinal);
        Assert.Null(new PastStore(new PastStoreOptions { Replicas = new MemoryReplicaStore(0), Cache = null }).Cache);
    }

    private static PastryNodeOptions Options(PastStore past) => new()
    {
        Identity = new NodeIdentity(SigningKey.Create(), 1),
        Protocol = LoopbackRing.Protocol,
        Modules = { past },
        Transport = () => new TcpTransport(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)] }),
    };
}
