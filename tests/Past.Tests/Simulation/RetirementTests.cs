namespace Past.Tests.Simulation;

/// <summary>Nodes that leave for good hand over what they hold, and lose nothing of it.</summary>
public sealed class RetirementTests
{
    private const int Replicas = 3;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Node_that_retires_lets_go_of_each_file_only_when_others_hold_it_k_times(ulong seed)
    {
        var world = PastWorld.Formed(16, seed);
        var files = Enumerable.Range(0, 80).Select(i => world.InsertStored($"file {i}")).ToArray();
        world.RunUntilWhole(Limit, files);
        var leaver = world.Alive.MaxBy(member => member.Store.Usage.Count)!;
        var held = files.Where(file => leaver.Store.Contains(file.Id)).ToArray();
        Assert.NotEmpty(held);

        world.ChecksDrops = true;
        var retirement = leaver.Retire();
        var during = held.Select(file => leaver.Lookup(file.Id)).ToArray();
        world.Await(during);
        Assert.True(world.Simulation.RunUntil(() => retirement.HasEnded, Limit), $"seed {seed}: {leaver.Store.Usage.Count} replicas are left");

        world.AssertNoViolations();
        Assert.All(during, lookup => Assert.Equal(SimulatedOutcome.Found, lookup.Outcome));
        Assert.Equal(0, leaver.Store.Usage.Count);
        Assert.All(files, file => Assert.Equal(Replicas, world.HoldersOf(file.Id).Length));

        // What is stored from now on goes to others, also through the node that leaves.
        var later = leaver.Insert(world.NewFile("later"));
        world.Await(later);
        world.AssertStored(later);
        Assert.Equal(0, leaver.Store.Usage.Count);

        leaver.Node.Crash();
        world.Simulation.Run(TimeSpan.FromSeconds(5));
        Assert.Empty(world.Missing(files));
        Assert.All(held, file => Assert.Equal(SimulatedOutcome.Found, world.Find(world.Pick(), file.Id).Outcome));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Two_neighbors_that_retire_at_once_lose_nothing(ulong seed)
    {
        var world = PastWorld.Formed(12, seed);
        var files = Enumerable.Range(0, 40).Select(i => world.InsertStored($"file {i}")).ToArray();
        world.RunUntilWhole(Limit, files);
        var leavers = world.ClosestTo(files[0])[..2];

        world.ChecksDrops = true;
        var retirements = leavers.Select(leaver => leaver.Retire()).ToArray();
        Assert.True(world.Simulation.RunUntil(() => retirements.All(retirement => retirement.HasEnded), Limit), $"seed {seed}: {leavers.Sum(leaver => leaver.Store.Usage.Count)} replicas are left");

        world.AssertNoViolations();
        Assert.All(files, file => Assert.Equal(Replicas, world.HoldersOf(file.Id).Length));
    }

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(2, 1000)]
    [InlineData(3, 45_000)]
    [InlineData(4, 45_000)]
    public void Node_that_retires_while_it_stores_a_file_has_not_retired_before_others_hold_that_too(ulong seed, int length)
    {
        var world = PastWorld.Formed(12, seed);
        var file = world.NewFile("under way", Replicas, length);
        var leaver = world.ClosestTo(file)[1];
        world.DiskTime = TimeSpan.FromSeconds(4);
        var insert = world.ClosestTo(file)[0].Insert(file);
        world.Simulation.Run(TimeSpan.FromSeconds(2));
        Assert.False(insert.HasEnded);
        Assert.Equal(0, leaver.Store.Usage.Count);

        world.ChecksDrops = true;
        var retirement = leaver.Retire();
        Assert.True(world.Simulation.RunUntil(() => retirement.HasEnded, Limit), $"seed {seed}: {leaver.Store.Usage.Count} replicas are left");

        world.AssertStored(insert);
        Assert.Contains(insert.Result!.Receipts, receipt => receipt.Holder == leaver.Node.Handle.Id);
        world.AssertNoViolations();
        Assert.Equal(0, leaver.Store.Usage.Count);
        Assert.Equal(Replicas, world.HoldersOf(file.Id).Length);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1000)]
    public void Node_that_holds_nothing_has_retired_when_it_takes_nothing_any_more(ulong seed, int length)
    {
        var world = PastWorld.Formed(12, seed);
        var file = world.NewFile("asked for at once", Replicas, length);
        var leaver = world.ClosestTo(file)[1];

        var retirement = leaver.Retire();
        Assert.True(world.Simulation.RunUntil(() => retirement.HasEnded, Limit));
        var again = leaver.Retire();
        var insert = world.ClosestTo(file)[0].Insert(file);
        world.Await(insert);

        world.Simulation.Run(TimeSpan.FromMinutes(1));
        Assert.True(again.HasEnded);
        Assert.Equal(0, leaver.Store.Usage.Count);
    }

    [Fact]
    public void Node_that_leaves_too_few_behind_keeps_its_replicas()
    {
        var world = PastWorld.Formed(Replicas, seed: 4);
        var files = Enumerable.Range(0, 10).Select(i => world.InsertStored($"file {i}")).ToArray();
        var leaver = world.Pick();

        var retirement = leaver.Retire();
        world.Simulation.Run(Limit);
        Assert.False(retirement.HasEnded);
        Assert.Equal(files.Length, leaver.Store.Usage.Count);

        world.Grow(1);
        Assert.True(world.Simulation.RunUntil(() => retirement.HasEnded, Limit));
        Assert.All(files, file => Assert.Equal(Replicas, world.HoldersOf(file.Id).Length));
    }

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(2, 45_000)]
    [InlineData(3, 45_000)]
    public void Replica_that_is_held_in_another_s_stead_finds_another_place(ulong seed, int length)
    {
        var (world, file, _) = DiversionTests.Diverted(seed, rank: 1, length);
        var leaver = DiversionTests.DivertedTo(world, file);

        var retirement = leaver.Retire();
        Assert.True(world.Simulation.RunUntil(() => retirement.HasEnded, Limit), $"seed {seed}: the replica is still there");

        leaver.Node.Crash();
        Assert.Equal(Replicas, world.HoldersOf(file.Id).Length);
        Assert.Equal(SimulatedOutcome.Found, world.Find(world.Pick(), file.Id).Outcome);
    }
}
