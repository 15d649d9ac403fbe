using P2P.Pastry;
using P2P.Scribe;

namespace Scribe.Tests.Simulation;

/// <summary>Leaf sets may be so small that a node next to a group's id does not see all of those that keep the group's state.</summary>
public sealed class SmallLeafSetTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Groups_begin_and_are_joined_and_their_rendezvous_points_replaced_where_leaf_sets_hold_two_nodes_on_each_side(ulong seed)
    {
        var world = new ScribeWorld(12, seed, options => options with
        {
            Scribe = options.Scribe with { ReplicaCount = 3 },
            Overlay = options.Overlay with { Pastry = new PastryOptions { LeafSetSize = 4, NeighborhoodSize = 4, BitsPerDigit = 2 } },
        });
        for (var i = 0; i < 20; i++)
        {
            var name = $"group {i}";
            var node = world.Pick();
            var joined = world.Scribe.Run(() => world.Scribe.ScribeOf(node).JoinAsync(GroupId.Compute(name, world.Creator.PublicKey)).AsTask(), ScribeWorld.Limit);
            Assert.IsType<JoinResult.NotFound>(joined);
            world.Create(name);
        }

        var group = world.Create("one that goes on").Id;
        world.JoinMany(group, 6);
        for (var i = 0; i < 3; i++)
        {
            world.RootOf(group).Crash();
            Assert.IsType<PublishResult.Published>(world.Publish(world.Alive.First(), $"after crash {i}"));
        }
    }
}
