using P2P.Scribe;

namespace Scribe.Tests.Simulation;

public sealed class HistoryTests
{
    [Theory]
    [InlineData(95)]
    [InlineData(96)]
    public void Who_joins_at_a_node_that_is_in_the_tree_already_gets_the_history_that_it_asks_for(ulong seed)
    {
        var world = new ScribeWorld(20, seed);
        var group = world.Create("history").Id;
        var root = world.RootOf(group);
        var author = world.Join(group, world.Overlay.ReadyNodes.First(node => node != root));
        for (var i = 0; i < 5; i++)
        {
            world.Publish(author, $"{i}");
        }

        var late = world.Join(group, root, new JoinOptions { HistoryCount = 3 });
        world.Publish(author, "5");
        world.Run(1);
        Assert.Equal(["2", "3", "4", "5"], late.Ordered);
    }
}
