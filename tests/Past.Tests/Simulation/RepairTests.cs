using P2P.Past;
using Xunit.Abstractions;

namespace Past.Tests.Simulation;

/// <summary>Holders die, come back and are joined by closer ones; heartbeats take 1 s, leases 3 s, three probes 0.4 s each.</summary>
public class RepairTests(ITestOutputHelper output)
{
    private static readonly TimeSpan RepairLimit = TimeSpan.FromSeconds(15);

    public static TheoryData<ulong, int, int> Rings => new()
    {
        { 1, 16, 3 },
        { 2, 16, 5 },
        { 3, 8, 3 },
        { 4, 4, 3 },
    };

    [Theory]
    [MemberData(nameof(Rings))]
    public void Replicas_are_k_again_after_a_holder_died(ulong seed, int leafSetSize, int replicas)
    {
        for (var rank = 0; rank < replicas; rank++)
        {
            var world = Formed(seed, leafSetSize);
            var files = InsertMany(world, 10, replicas);
            world.ClosestTo(files[0])[rank].Node.Crash();
            Report(seed, $"rank {rank} died", world.RunUntilWhole(RepairLimit, files));
        }
    }

    [Theory]
    [MemberData(nameof(Rings))]
    public void File_is_found_and_repaired_after_all_holders_but_one_died(ulong seed, int leafSetSize, int replicas)
    {
        for (var survivor = 0; survivor < replicas; survivor++)
        {
            var world = Formed(seed, leafSetSize);
            var file = InsertMany(world, 1, replicas)[0];
            var holders = world.ClosestTo(file);
            foreach (var holder in holders.Where((_, rank) => rank != survivor))
            {
                holder.Node.Crash();
            }

            Assert.Equal(SimulatedOutcome.Found, world.Find(world.Pick(), file.Id).Outcome);
            Report(seed, $"all but rank {survivor} died", world.RunUntilWhole(TimeSpan.FromSeconds(60), file));
        }
    }

    [Fact]
    public void File_is_not_found_after_all_holders_died()
    {
        var world = Formed(seed: 5, leafSetSize: 16);
        var file = InsertMany(world, 1, replicas: 3)[0];
        foreach (var holder in world.HoldersOf(file.Id))
        {
            holder.Node.Crash();
        }

        var client = world.Pick();
        Assert.NotEqual(SimulatedOutcome.Found, world.Find(client, file.Id).Outcome);
        world.Simulation.Run(TimeSpan.FromSeconds(20));
        Assert.Equal(SimulatedOutcome.NotFound, world.Find(client, file.Id).Outcome);
    }

    [Theory]
    [InlineData(1, 16, 3)]
    [InlineData(2, 16, 5)]
    [InlineData(3, 8, 3)]
    public void Node_that_joins_closer_gets_the_replica_and_the_surplus_one_goes_only_after_that(ulong seed, int leafSetSize, int replicas)
    {
        for (var rank = 0; rank < replicas; rank++)
        {
            var world = Formed(seed, leafSetSize, new PastOptions { MaintenanceInterval = TimeSpan.FromSeconds(30) });
            var files = InsertMany(world, 10, replicas);
            world.ChecksDrops = true;
            world.Join(world.AddNextTo(files[0].Id.RoutingKey, rank));

            Report(seed, $"joined at rank {rank}", world.RunUntilWhole(RepairLimit, files));
            world.Simulation.Run(TimeSpan.FromMinutes(2));
            Assert.Equal(0, world.CountSurplus(files));
            Assert.True(world.DroppedCount > 0);
            world.AssertNoViolations();
        }
    }

    [Fact]
    public void Many_nodes_join_at_once_and_no_file_ever_has_fewer_than_k_holders()
    {
        for (var seed = 1u; seed <= 5; seed++)
        {
            var world = Formed(seed, leafSetSize: 16, new PastOptions { MaintenanceInterval = TimeSpan.FromSeconds(30) });
            var files = InsertMany(world, 50, replicas: 3);
            world.ChecksDrops = true;
            for (var i = 0; i < 20; i++)
            {
                world.Join(world.Add());
                world.Simulation.Run(TimeSpan.FromMilliseconds(world.Simulation.NextRandom(1000)));
            }

            Report(seed, "20 joined", world.RunUntilWhole(TimeSpan.FromSeconds(60), files));
            world.Simulation.Run(TimeSpan.FromMinutes(2));
            world.AssertNoViolations();
            Report(seed, $"dropped {world.DroppedCount}, surplus {world.CountSurplus(files)}", default);
            Assert.Equal(0, world.CountSurplus(files));
        }
    }

    [Fact]
    public void Holder_dies_while_a_closer_node_joins()
    {
        for (var seed = 1u; seed <= 8; seed++)
        {
            for (var rank = 0; rank < 3; rank++)
            {
                var world = Formed(seed, leafSetSize: 16);
                var files = InsertMany(world, 10, replicas: 3);
                world.DiskTime = TimeSpan.FromSeconds(1);
                var newcomer = world.Join(world.AddNextTo(files[0].Id.RoutingKey, rank: 0));
                world.Simulation.RunUntil(() => newcomer.Node.IsReady, TimeSpan.FromSeconds(30));
                world.HoldersOf(files[0].Id)[rank].Node.Crash();
                world.DiskTime = TimeSpan.FromMilliseconds(5);
                Report(seed, $"rank {rank} died", world.RunUntilWhole(TimeSpan.FromSeconds(20), files));
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Restarted_node_holds_what_it_held_before(bool withDisk)
    {
        var world = Formed(seed: 6, leafSetSize: 16, new PastOptions { MaintenanceInterval = TimeSpan.FromSeconds(30) });
        var files = InsertMany(world, 20, replicas: 3);
        var holder = world.ClosestTo(files[0])[0];
        var held = files.Count(file => holder.Store.Contains(file.Id));
        holder.Node.Crash();
        Report(6, "died", world.RunUntilWhole(RepairLimit, files));

        var kept = world.KeptCount;
        var restarted = world.Restart(holder, withDisk);
        Assert.Equal(withDisk ? held : 0, files.Count(file => restarted.Store.Contains(file.Id)));
        Assert.True(world.Simulation.RunUntil(() => restarted.Node.IsReady, TimeSpan.FromMinutes(1)));
        Report(6, "restarted", world.RunUntilWhole(RepairLimit, files));
        Assert.Equal(held, files.Count(file => restarted.Store.Contains(file.Id)));
        Assert.Equal(withDisk, world.KeptCount == kept);

        world.Simulation.Run(TimeSpan.FromMinutes(2));
        Assert.Equal(0, world.CountSurplus(files));
    }

    [Fact]
    public void Node_that_left_politely_is_replaced()
    {
        var world = Formed(seed: 7, leafSetSize: 16);
        var files = InsertMany(world, 20, replicas: 3);
        world.ClosestTo(files[0])[1].Node.Leave();
        Report(7, "left", world.RunUntilWhole(TimeSpan.FromSeconds(3), files));
    }

    [Fact]
    public void Damaged_replica_is_found_by_who_reads_it_and_fetched_anew()
    {
        var world = Formed(seed: 8, leafSetSize: 16);
        var file = InsertMany(world, 1, replicas: 3)[0];
        foreach (var holder in world.ClosestTo(file).Take(2))
        {
            holder.Store.Corrupt(file.Id, 10);
        }

        // A node that reads its own damaged replica asks the others.
        var damaged = world.ClosestTo(file)[0];
        var begin = world.Simulation.Now;
        var lookup = world.Find(damaged, file.Id);
        Assert.Equal(SimulatedOutcome.Found, lookup.Outcome);
        Assert.Equal(file.Content, lookup.Content);
        Assert.True(world.Simulation.Now - begin < TimeSpan.FromSeconds(2), "a damaged replica was waited for");
        Report(8, "damaged twice", world.RunUntilWhole(RepairLimit, file));
        Assert.Equal(SimulatedOutcome.Found, world.Find(damaged, file.Id).Outcome);
    }

    [Fact]
    public void Full_root_does_not_keep_the_others_from_repair()
    {
        var world = Formed(seed: 9, leafSetSize: 16, new PastOptions { MaintenanceInterval = TimeSpan.FromSeconds(30) });
        var file = InsertMany(world, 1, replicas: 3)[0];
        world.CapacityBytes = 100;
        var full = world.AddNextTo(file.Id.RoutingKey, rank: 0);
        world.JoinAndWait(full);
        world.Simulation.Run(TimeSpan.FromMinutes(1));
        Assert.False(full.Store.Contains(file.Id));

        world.HoldersOf(file.Id)[0].Node.Crash();
        Assert.True(world.Simulation.RunUntil(() => world.ClosestTo(file).Count(member => member.Store.Contains(file.Id)) == 2, TimeSpan.FromMinutes(2)));
        world.HoldersOf(file.Id)[0].Node.Crash();
        Assert.True(world.Simulation.RunUntil(() => world.ClosestTo(file).Count(member => member.Store.Contains(file.Id)) == 2, TimeSpan.FromMinutes(2)));
        Assert.Equal(SimulatedOutcome.Found, world.Find(world.Pick(), file.Id).Outcome);
    }

    private void Report(ulong seed, string what, TimeSpan took) => output.WriteLine($"seed {seed}: {what}, whole after {took.TotalSeconds:f1} s");

    private static PastWorld Formed(ulong seed, int leafSetSize, PastOptions? past = null)
    {
        var world = PastWorld.Formed(30, seed, PastWorld.Quick with { LeafSetSize = leafSetSize }, past);
        world.Simulation.Run(TimeSpan.FromSeconds(5));
        return world;
    }

    private static SimulatedFile[] InsertMany(PastWorld world, int count, int replicas)
    {
        SimulatedInsert[] inserts = [.. Enumerable.Range(0, count).Select(i => world.Pick().Insert(world.NewFile($"file {i}", replicas, length: i % 5 == 4 ? 60_000 : 1000)))];
        world.Await(inserts);
        Assert.All(inserts, world.AssertStored);
        return [.. inserts.Select(insert => insert.File)];
    }
}
