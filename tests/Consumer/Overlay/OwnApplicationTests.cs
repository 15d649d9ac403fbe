using P2P.Pastry.Simulation;

namespace Consumer.Overlay;

public sealed class OwnApplicationTests
{
    [Fact]
    public async Task All_votes_for_a_name_are_counted_by_one_node()
    {
        using var patience = new Patience();
        await using var ring = await Ring<Votes>.StartAsync(3, () => new Votes(), patience);
        for (var count = 1; count <= 6; count++)
        {
            Assert.Equal(count, await ring.Modules[count % 3].VoteAsync("pear", patience));
        }
    }

    [Fact]
    public void The_same_module_counts_in_a_simulation_of_hundreds_of_nodes()
    {
        var world = new PastrySimulation(new() { Seed = 7 });
        Assert.True(world.Grow(300, () => [new Votes()]));
        world.Run(
            async () =>
            {
                for (var count = 1; count <= 50; count++)
                {
                    var voter = world.Nodes[world.NextRandom(world.Nodes.Count)].Modules[0] as Votes;
                    Assert.Equal(count, await voter!.VoteAsync("pear", CancellationToken.None));
                }
            },
            limit: TimeSpan.FromHours(1));
    }
}
