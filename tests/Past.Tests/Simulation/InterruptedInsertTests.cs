using P2P.Past;
using Xunit.Abstractions;

namespace Past.Tests.Simulation;

/// <summary>Nodes die and messages are lost while a file goes in.</summary>
public class InterruptedInsertTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0, 1000)]
    [InlineData(1, 1000)]
    [InlineData(2, 1000)]
    [InlineData(0, 2_000_000)]
    [InlineData(1, 2_000_000)]
    [InlineData(2, 2_000_000)]
    public void Insert_ends_stored_whenever_a_node_that_should_hold_the_file_dies(int rank, int length)
    {
        for (var milliseconds = 5; milliseconds < 600; milliseconds += 60)
        {
            var world = Formed(seed: (ulong)milliseconds);
            var file = world.NewFile("interrupted", length: length);
            var victim = world.ClosestTo(file)[rank];
            var client = world.Pick();
            if (client == victim)
            {
                continue;
            }

            var insert = client.Insert(file);
            world.Simulation.Schedule(TimeSpan.FromMilliseconds(milliseconds), victim.Node.Crash);
            var begin = world.Simulation.Now;
            world.Await(insert);

            output.WriteLine($"seed {world.Simulation.Seed}: ended after {(world.Simulation.Now - begin).TotalSeconds:f1} s");
            world.AssertStored(insert);
            world.RunUntilWhole(TimeSpan.FromSeconds(30), file);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Insert_is_tried_again_when_everything_it_said_was_lost(ulong seed)
    {
        output.WriteLine($"seed {seed}");
        var world = Formed(seed);
        var client = world.Pick();
        var insert = client.Insert(world.NewFile("lost"));
        using (world.Simulation.Network.Cut((from, to) => from == client.Node.Host || to == client.Node.Host))
        {
            world.Simulation.Run(TimeSpan.FromMilliseconds(300 * seed));
        }

        world.Await(insert);
        world.AssertStored(insert);
        world.RunUntilWhole(TimeSpan.FromSeconds(30), insert.File);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Insert_that_nobody_answers_is_indeterminate_and_can_be_resumed(ulong seed)
    {
        output.WriteLine($"seed {seed}");
        var world = Formed(seed, new PastOptions { OperationTimeout = TimeSpan.FromSeconds(0.7), OperationAttemptsMax = 2 });
        var client = world.Pick();
        var file = world.NewFile("unanswered");
        var insert = client.Insert(file);
        using (world.Simulation.Network.Cut((from, to) => to == client.Node.Host && from != to))
        {
            world.Await(insert);
        }

        var indeterminate = Assert.IsType<InsertResult.Indeterminate>(insert.Result);
        Assert.Equal(file.Certificate, indeterminate.Certificate);
        world.Simulation.Run(TimeSpan.FromSeconds(20));
        var kept = world.KeptCount;
        var resumed = client.Insert(file);
        world.Await(resumed);
        world.AssertStored(resumed);
        Assert.Equal(0, world.CountSurplus(file));
        Assert.InRange(world.KeptCount - kept, file.Replicas, file.Replicas);
    }

    [Fact]
    public void Cancelled_insert_is_indeterminate_with_the_receipts_so_far_and_can_be_resumed()
    {
        var world = Formed(seed: 8);
        world.BytesPerSecond = 1_000_000;
        var file = world.NewFile("cancelled", length: 3_000_000);
        var client = world.Alive.First(member => member.Node.IsReady && !world.ClosestTo(file).Contains(member));
        var insert = client.Insert(file);
        Assert.True(world.Simulation.RunUntil(() => insert.Receipts > 0, TimeSpan.FromMinutes(1)));
        insert.Cancel();
        world.Await(insert);
        Assert.Single(Assert.IsType<InsertResult.Indeterminate>(insert.Result).Receipts);

        var resumed = client.Insert(file);
        world.Await(resumed);
        world.AssertStored(resumed);
    }

    [Fact]
    public void Slow_transfer_is_not_mistaken_for_a_dead_one()
    {
        var world = Formed(seed: 9);
        world.BytesPerSecond = 100_000;
        var insert = world.Pick().Insert(world.NewFile("slow", length: 10_000_000));
        var begin = world.Simulation.Now;
        world.Await(insert);

        world.AssertStored(insert);
        Assert.True(world.Simulation.Now - begin > TimeSpan.FromMinutes(3));
        Assert.Equal(3, world.KeptCount);
    }

    private static PastWorld Formed(ulong seed, PastOptions? past = null)
    {
        var world = PastWorld.Formed(25, seed, past: past);
        world.Simulation.Run(TimeSpan.FromSeconds(5));
        return world;
    }
}
