using P2P.Past;
using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace Past.Tests.Hosting;

public class PastStoreTests
{
    private static readonly SigningKey Owner = SigningKey.Create();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32 * 1024)]
    [InlineData(32 * 1024 + 1)]
    [InlineData(3 * 1024 * 1024 + 17)]
    public async Task What_goes_in_at_one_node_comes_out_at_another(int length)
    {
        await using var ring = await LoopbackRing.StartAsync(5);
        var content = new byte[length];
        new Random(length).NextBytes(content);
        using var limit = new CancellationTokenSource(LoopbackRing.Patience);

        var result = await ring.Members[0].Past.InsertAsync("file", Owner, ContentSource.FromBytes(content), cancellationToken: limit.Token);

        Assert.True(result is InsertResult.Stored, result.ToString());
        var stored = (InsertResult.Stored)result;
        Assert.Equal(3, stored.Receipts.Select(receipt => receipt.Holder).Distinct().Count());
        Assert.Equal(3, ring.HoldersOf(stored.FileId).Count);
        foreach (var member in ring.Members)
        {
            var found = Assert.IsType<LookupResult.Found>(await member.Past.LookupAsync(stored.FileId, limit.Token));
            Assert.Equal(content, await found.File.ReadAllBytesAsync(limit.Token));
        }
    }

    [Fact]
    public void Nodes_that_are_set_up_with_the_same_options_have_the_stores_that_these_named_in_their_turn()
    {
        var world = new PastrySimulation(new PastrySimulationOptions { Seed = 1 });
        var options = new PastStoreOptions { Replicas = new MemoryReplicaStore(1 << 20), Cache = null };
        var stores = new List<PastStore>();
        for (var node = 0; node < 4; node++)
        {
            options.Replicas = new MemoryReplicaStore(1 << 20);
            stores.Add(new PastStore(options));
        }

        options.Replicas = new MemoryReplicaStore(0);
        options.Protocol = new PastOptions { OperationsMax = 0 };
        var added = 0;
        Assert.True(world.Grow(4, () => [stores[added++]]));
        world.Run(
            async () =>
            {
                var stored = Assert.IsType<InsertResult.Stored>(await stores[0].InsertAsync("a file", world.NextKey(), ContentSource.FromBytes(TestFiles.Content(100))));
                Assert.Equal(3, stores.Count(store => store.Replicas.Contains(stored.FileId)));
            },
            TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void Store_and_quota_belong_to_one_node()
    {
        var world = new PastrySimulation(new PastrySimulationOptions { Seed = 1 });
        var store = new PastStore(new PastStoreOptions { Replicas = new MemoryReplicaStore(1 << 20) });
        var quota = new BrokerQuota(new BrokerQuotaOptions { Broker = Owner.PublicKey });
        world.AddNode([store, quota]);
        Assert.Contains("each node", Assert.Throws<InvalidOperationException>(() => world.AddNode([store])).Message, StringComparison.Ordinal);
        Assert.Contains("each node", Assert.Throws<InvalidOperationException>(() => world.AddNode([quota])).Message, StringComparison.Ordinal);
    }
}
