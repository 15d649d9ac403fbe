using P2P.Past;
using P2P.Past.Simulation;
using P2P.Pastry;
using P2P.Pastry.Simulation;
using Xunit.Abstractions;

namespace Past.Tests.Simulation;

/// <summary>Programs of users run over simulated nodes, against the interface that live nodes have.</summary>
public class PastSimulationTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromHours(1);

    [Fact]
    public void Program_on_a_thousand_nodes_takes_the_same_course_twice()
    {
        var first = StoreCrashAndFind(seed: 7, nodes: 1000);
        output.WriteLine($"{first}");

        Assert.Equal(first, StoreCrashAndFind(seed: 7, nodes: 1000));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Content_that_travels_over_streams_is_found_and_repaired_through_the_codec(ulong seed)
    {
        var world = Formed(30, seed, throughCodec: true);
        var content = TestFiles.Content(3_000_000);
        world.Run(
            async () =>
            {
                var stored = await InsertAsync(world, content);
                foreach (var holder in world.HoldersOf(stored.FileId).Take(2))
                {
                    holder.Crash();
                }

                Assert.Equal(content, await ReadAsync(world, stored.FileId));
                while (world.HoldersOf(stored.FileId).Count < 3)
                {
                    await Task.Delay(TimeSpan.FromSeconds(1), world.Overlay.Time);
                }
            },
            Limit);
    }

    [Fact]
    public void Who_waits_for_a_node_that_crashes_is_told()
    {
        var world = Formed(8, seed: 3);
        var client = world.Overlay.ReadyNodes.First();
        var store = world.StoreOf(client);
        world.Run(
            async () =>
            {
                var insert = store.InsertAsync("file", world.Overlay.NextKey(), ContentSource.FromBytes(new byte[500_000])).AsTask();
                await Task.Delay(TimeSpan.FromMilliseconds(1), world.Overlay.Time);
                client.Crash();
                Assert.Contains("stopped", (await Assert.ThrowsAsync<PastException>(() => insert)).Message, StringComparison.Ordinal);
                await Assert.ThrowsAsync<PastException>(() => store.LookupAsync(TestFiles.Certify([1]).FileId).AsTask());
            },
            Limit);
        Assert.Throws<ArgumentException>(() => world.StoreOf(client));
    }

    [Fact]
    public void Disk_outlives_the_node()
    {
        var world = Formed(3, seed: 4);
        var content = TestFiles.Content(1000);
        var file = world.Run(async () => (await InsertAsync(world, content)).FileId, Limit);
        var nodes = world.Overlay.Nodes.ToArray();
        Array.ForEach(nodes, node => node.Crash());
        world.Overlay.Run(TimeSpan.FromMinutes(10));

        Array.ForEach(nodes, node => world.Restart(node, withDisk: node != nodes[0]));
        nodes[1].StartRing();
        nodes[0].Join(nodes[1]);
        nodes[2].Join(nodes[1]);
        Assert.True(world.Overlay.RunUntilReady(nodes, Limit), $"seed {world.Overlay.Seed}");

        Assert.Equal(content, world.Run(() => ReadAsync(world, file), Limit));
        Assert.True(world.Overlay.RunUntil(() => world.HoldersOf(file).Count == 3, Limit), $"seed {world.Overlay.Seed}");
    }

    [Fact]
    public void Program_that_leaves_the_simulation_is_told()
    {
        var world = Formed(1, seed: 5);
        var store = world.AnyStore();
        var absent = TestFiles.Certify([1]).FileId;
        world.Run(
            async () =>
            {
                Task<LookupResult> elsewhere = null!;
                var thread = new Thread(() => elsewhere = store.LookupAsync(absent).AsTask());
                thread.Start();
                thread.Join();
                await Assert.ThrowsAsync<InvalidOperationException>(() => elsewhere);
                Assert.Throws<InvalidOperationException>(() => world.Overlay.Run(TimeSpan.FromSeconds(1)));
                Assert.IsType<LookupResult.NotFound>(await store.LookupAsync(absent));
            },
            Limit);

        Assert.Throws<TimeoutException>(() => world.Run(() => new TaskCompletionSource().Task, TimeSpan.FromMinutes(1)));
        Assert.Throws<DivideByZeroException>(() => world.Run(() => throw new DivideByZeroException(), Limit));
    }

    private static PastSimulation Formed(int nodes, ulong seed, bool throughCodec = false)
    {
        var world = new PastSimulation(new()
        {
            Overlay = new PastrySimulationOptions { Seed = seed, Pastry = PastWorld.Quick, ThroughCodec = throughCodec },
        });
        Assert.True(world.Grow(nodes), $"seed {seed}");
        return world;
    }

    private static (ulong Trace, Instant End) StoreCrashAndFind(ulong seed, int nodes)
    {
        var world = Formed(nodes, seed);
        byte[][] contents = [TestFiles.Content(1000, seed: 1), TestFiles.Content(700_000, seed: 2)];
        world.Run(
            async () =>
            {
                foreach (var content in contents)
                {
                    var stored = await InsertAsync(world, content);
                    foreach (var holder in world.HoldersOf(stored.FileId).Take(2))
                    {
                        holder.Crash();
                    }

                    Assert.Equal(content, await ReadAsync(world, stored.FileId));
                    await Task.Delay(TimeSpan.FromMinutes(1), world.Overlay.Time);
                    Assert.Equal(3, world.HoldersOf(stored.FileId).Count);
                }
            },
            Limit);
        return (world.Overlay.TraceHash, world.Overlay.Now);
    }

    private static async Task<InsertResult.Stored> InsertAsync(PastSimulation world, byte[] content) =>
        Assert.IsType<InsertResult.Stored>(await world.AnyStore().InsertAsync("file", world.Overlay.NextKey(), ContentSource.FromBytes(content)));

    private static async Task<byte[]> ReadAsync(PastSimulation world, FileId file) =>
        await Assert.IsType<LookupResult.Found>(await world.AnyStore().LookupAsync(file)).File.ReadAllBytesAsync();
}
