using P2P.Past;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Past.Tests.Hosting;

/// <summary>What a node with PAST shows to those who collect its metrics.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task Replicas_room_and_operations_are_told()
    {
        using var limit = new CancellationTokenSource(LoopbackRing.Patience);
        using var meters = new PastMeters();
        var past = new PastStore(new PastStoreOptions { Replicas = new MemoryReplicaStore(100_000), MeterFactory = meters });
        var options = new PastryNodeOptions
        {
            Identity = new NodeIdentity(SigningKey.Create(), 1),
            Protocol = LoopbackRing.Protocol,
            Modules = { past },
            Transport = () => new TcpTransport(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)] }),
        };
        await using (var node = await PastryNode.StartAsync(options, limit.Token))
        {
            await node.WhenReadyAsync(limit.Token);
            var stored = Assert.IsType<InsertResult.Stored>(
                await past.InsertAsync("counted", TestFiles.Owner, ContentSource.FromBytes(TestFiles.Content(1_000)), new() { ReplicaCount = 1 }, limit.Token));
            Assert.IsType<InsertResult.Refused>(
                await past.InsertAsync("too large", TestFiles.Owner, ContentSource.FromBytes(TestFiles.Content(200_000)), new() { ReplicaCount = 1 }, limit.Token));
            Assert.IsType<LookupResult.Found>(await past.LookupAsync(stored.FileId, limit.Token));

            Assert.Equal(1, meters.Read("p2p.past.replicas"));
            Assert.Equal(past.Replicas.Usage.UsedBytes, meters.Read("p2p.past.used_bytes"));
            Assert.Equal(100_000, meters.Read("p2p.past.capacity_bytes"));
            Assert.Equal(0, meters.Read("p2p.past.repairs_waiting"));
            Assert.Equal(1, meters.Read("p2p.past.inserts/stored"));
            Assert.Equal(1, meters.Read("p2p.past.inserts/no_room"));
            Assert.Equal(1, meters.Read("p2p.past.lookups/found"));

            Assert.IsType<ReclaimResult.Reclaimed>(await past.ReclaimAsync(stored.Certificate, TestFiles.Owner, limit.Token));
            Assert.Equal(1, meters.Read("p2p.past.reclaims/reclaimed"));
            Assert.Equal(0, meters.Read("p2p.past.replicas"));

            using var givenUp = new CancellationTokenSource();
            await givenUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => past.LookupAsync(stored.FileId, givenUp.Token).AsTask());
            Assert.Equal(1, meters.Read("p2p.past.lookups/cancelled"));
            await Assert.ThrowsAsync<PastException>(
                () => past.ResumeInsertAsync(stored.Certificate, ContentSource.FromBytes(TestFiles.Content(999)), cancellationToken: limit.Token).AsTask());
            Assert.Equal(1, meters.Read("p2p.past.inserts/failed"));
        }

        // What a node holds goes with it.
        Assert.Equal(0, meters.Read("p2p.past.capacity_bytes"));
    }
}
