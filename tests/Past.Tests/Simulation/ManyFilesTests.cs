using P2P.Past;
using Xunit.Abstractions;

namespace Past.Tests.Simulation;

public class ManyFilesTests(ITestOutputHelper output)
{
    /// <summary>Seeds take about ten seconds each; all of them run where P2P_LONG is 1.</summary>
    public static TheoryData<ulong> Seeds => Environment.GetEnvironmentVariable("P2P_LONG") == "1" ? [1, 2, 3, 4, 5, 6, 7, 8] : [1];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_thousand_files_survive_churn(ulong seed)
    {
        output.WriteLine($"seed {seed}");
        var (world, inserts) = RunWithChurn(seed, nodes: 100, files: 1000, rounds: 25, lossRate: 0.01);
        SimulatedFile[] stored = [.. inserts.Where(insert => insert.Result is InsertResult.Stored).Select(insert => insert.File)];
        output.WriteLine($"{stored.Length} of {inserts.Count} stored, {world.KeptCount} replicas kept, {world.DroppedCount} let go, {world.Simulation.EventCount} events");
        Assert.All(inserts, insert => Assert.False(insert.Result is InsertResult.Refused, $"seed {seed}: {insert.Result}"));
        Assert.InRange(stored.Length, inserts.Count * 0.95, inserts.Count);

        world.Simulation.Network.LossRate = 0;
        output.WriteLine($"whole after {world.RunUntilWhole(TimeSpan.FromMinutes(3), stored)}");
        SimulatedLookup[] lookups = [.. stored.Select(file => world.Pick().Lookup(file.Id))];
        world.Await(lookups);
        Assert.All(lookups, lookup => Assert.Equal(SimulatedOutcome.Found, lookup.Outcome));

        world.ChecksDrops = true;
        world.Simulation.Run(TimeSpan.FromMinutes(3));
        world.AssertNoViolations();
        Assert.Empty(world.Missing(stored));
        output.WriteLine($"surplus {world.CountSurplus(stored)}");
        Assert.Equal(0, world.CountSurplus(stored));
    }

    [Fact]
    public void The_same_seed_takes_the_same_course()
    {
        Assert.Equal(Trace(seed: 1), Trace(seed: 1));
        Assert.NotEqual(Trace(seed: 1), Trace(seed: 2));

        static ulong Trace(ulong seed) => RunWithChurn(seed, nodes: 20, files: 50, rounds: 10, lossRate: 0.02).World.Simulation.TraceHash;
    }

    /// <summary>Inserts files while every second a node crashes, and comes back ten seconds later with its disk, or in one of four cases without.</summary>
    private static (PastWorld World, IReadOnlyList<SimulatedInsert> Inserts) RunWithChurn(ulong seed, int nodes, int files, int rounds, double lossRate)
    {
        var world = PastWorld.Formed(nodes, seed, past: new PastOptions { MaintenanceInterval = TimeSpan.FromSeconds(30), OperationAttemptsMax = 8 });
        world.Simulation.Network.LossRate = lossRate;
        var clients = world.Alive.Take(5).ToArray();
        var inserts = new List<SimulatedInsert>();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < files / rounds; i++)
            {
                var client = clients[world.Simulation.NextRandom(clients.Length)];
                inserts.Add(client.Insert(world.NewFile($"file {inserts.Count}", length: 200)));
            }

            var victims = world.Alive.Where(member => member.Node.IsReady && !clients.Contains(member)).ToArray();
            var victim = victims[world.Simulation.NextRandom(victims.Length)];
            var withDisk = world.Simulation.NextRandom(4) > 0;
            victim.Node.Crash();
            world.Simulation.Schedule(TimeSpan.FromSeconds(10), () => world.Restart(victim, withDisk));
            world.Simulation.Run(TimeSpan.FromSeconds(1));
        }

        world.Await([.. inserts]);
        world.Simulation.Run(TimeSpan.FromSeconds(15));
        return (world, inserts);
    }
}
