using P2P.Past;
using Xunit.Abstractions;

namespace Past.Tests.Simulation;

/// <summary>Files go in and come out while nothing fails.</summary>
public class InsertAndLookupTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, 40, 16, 3)]
    [InlineData(2, 40, 16, 5)]
    [InlineData(3, 60, 4, 3)]
    [InlineData(4, 9, 16, 9)]
    [InlineData(5, 3, 8, 3)]
    [InlineData(6, 1, 8, 1)]
    public void Inserted_file_is_on_the_k_closest_nodes_and_every_node_finds_it(ulong seed, int nodes, int leafSetSize, int replicas)
    {
        output.WriteLine($"seed {seed}");
        var world = PastWorld.Formed(nodes, seed, PastWorld.Quick with { LeafSetSize = leafSetSize }, change: options => options with { ThroughCodec = true });
        SimulatedInsert[] inserts = [.. Enumerable.Range(0, 20).Select(i => world.Pick().Insert(world.NewFile($"file {i}", replicas, length: i % 4 == 0 ? 100_000 : i * 500)))];
        world.Await(inserts);

        Assert.All(inserts, world.AssertStored);
        SimulatedFile[] files = [.. inserts.Select(insert => insert.File)];
        Assert.Empty(world.Missing(files));
        Assert.Equal(0, world.CountSurplus(files));
        foreach (var member in world.Alive.ToArray())
        {
            SimulatedLookup[] lookups = [.. files.Select(file => member.Lookup(file.Id))];
            world.Await(lookups);
            foreach (var (lookup, file) in lookups.Zip(files))
            {
                Assert.Equal(SimulatedOutcome.Found, lookup.Outcome);
                Assert.Equal(file.Certificate, lookup.Certificate);
                Assert.Equal(file.Content, lookup.Content);
            }
        }
    }

    /// <summary>A few nodes lie most unevenly, and some ids far from all of those that are closest to them.</summary>
    [Fact]
    public void Files_go_in_and_stay_wherever_their_ids_lie_in_rings_of_a_few_nodes()
    {
        for (var seed = 1u; seed <= 30; seed++)
        {
            var world = PastWorld.Formed(12, seed, PastWorld.Quick with { LeafSetSize = 4, BitsPerDigit = 2 });
            SimulatedInsert[] inserts = [.. Enumerable.Range(0, 100).Select(i => world.Pick().Insert(world.NewFile($"file {i}", length: 10)))];
            world.Await(inserts);
            Assert.All(inserts, world.AssertStored);

            world.Pick().Node.Crash();
            world.Pick().Node.Crash();
            world.RunUntilWhole(TimeSpan.FromMinutes(1), [.. inserts.Select(insert => insert.File)]);
        }
    }

    [Theory]
    [InlineData(1, 40, 16)]
    [InlineData(2, 5, 16)]
    [InlineData(3, 1, 16)]
    [InlineData(4, 40, 4)]
    public void Absent_file_is_certainly_not_found(ulong seed, int nodes, int leafSetSize)
    {
        output.WriteLine($"seed {seed}");
        var world = PastWorld.Formed(nodes, seed, PastWorld.Quick with { LeafSetSize = leafSetSize });
        var absent = world.NewFile("nobody has it").Id;
        SimulatedLookup[] lookups = [.. world.Alive.Select(member => member.Lookup(absent))];
        var begin = world.Simulation.Now;
        world.Await(lookups);

        Assert.All(lookups, lookup => Assert.Equal(SimulatedOutcome.NotFound, lookup.Outcome));
        Assert.True(world.Simulation.Now - begin < TimeSpan.FromSeconds(2), "an answer that everybody gives at once was waited for");
    }

    [Fact]
    public void Absence_is_uncertain_while_one_of_those_that_might_hold_the_file_is_silent()
    {
        var world = PastWorld.Formed(20, seed: 5);
        var silent = world.AddImpostor(new Impostor());
        silent.Join(world.Simulation.Nodes[0]);
        Assert.True(world.Simulation.RunUntilReady([silent], TimeSpan.FromMinutes(1)));
        var absent = Enumerable.Range(0, 1000).Select(i => world.NewFile($"nobody has it {i}"))
            .First(file => world.Oracle.Closest(file.Id.RoutingKey, 3).Skip(1).Any(node => node.Id == silent.Handle.Id));

        // It lives, and goes on passing messages on; only PAST on it says nothing.
        Assert.Equal(SimulatedOutcome.Unreachable, world.Find(world.Pick(), absent.Id).Outcome);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Inserts_and_lookups_bear_loss(ulong seed)
    {
        output.WriteLine($"seed {seed}");
        var world = PastWorld.Formed(40, seed);
        world.Simulation.Network.LossRate = 0.01;
        world.Simulation.Network.Jitter = 0.5;
        SimulatedInsert[] inserts = [.. Enumerable.Range(0, 200).Select(i => world.Pick().Insert(world.NewFile($"file {i}")))];
        world.Await(inserts);

        Assert.All(inserts, world.AssertStored);
        SimulatedLookup[] lookups = [.. inserts.Select(insert => world.Pick().Lookup(insert.File.Id))];
        world.Await(lookups);
        Assert.All(lookups, lookup => Assert.Equal(SimulatedOutcome.Found, lookup.Outcome));
    }

    [Fact]
    public void Busy_nodes_refuse_what_exceeds_their_queues_and_the_client_tries_again()
    {
        var world = PastWorld.Formed(5, seed: 6, past: new PastOptions { TransfersMax = 1, TransferQueueMax = 2, OperationTimeout = TimeSpan.FromSeconds(3) });
        world.DiskTime = TimeSpan.FromMilliseconds(500);
        var client = world.Pick();
        SimulatedInsert[] inserts = [.. Enumerable.Range(0, 8).Select(i => client.Insert(world.NewFile($"file {i}", replicas: 5)))];
        var begin = world.Simulation.Now;
        world.Await(inserts);

        Assert.All(inserts, world.AssertStored);
        output.WriteLine($"all stored after {world.Simulation.Now - begin}");
        Assert.True(world.Simulation.Now - begin > TimeSpan.FromSeconds(3), "nothing was refused");
    }
}
