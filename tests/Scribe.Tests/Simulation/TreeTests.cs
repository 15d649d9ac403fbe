using P2P.Scribe;

namespace Scribe.Tests.Simulation;

/// <summary>Groups begin, grow and shrink; what is published reaches the members, and nobody else.</summary>
public sealed class TreeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_is_published_reaches_all_members_in_one_order(ulong seed)
    {
        var world = new ScribeWorld(60, seed);
        var group = world.Create("games/1").Id;
        world.JoinMany(group, 20);
        for (var i = 0; i < 10; i++)
        {
            Assert.IsType<PublishResult.Published>(world.Publish(world.Members[i], $"message {i}"));
        }

        world.Run(5);
        var expected = Enumerable.Range(0, 10).Select(i => $"message {i}");
        Assert.All(world.Members, member => Assert.Equal(expected, member.Ordered));
        Assert.All(world.Members, member => Assert.Empty(member.Others));
        Assert.All(world.Overlay.Nodes.Except(world.Members.Select(member => member.Node)), node => Assert.Equal(0, ScribeWorld.MachineOf(node).Counters.Delivered));
        Assert.Empty(world.CheckTree(group));
    }

    [Fact]
    public void A_group_that_nobody_has_begun_is_not_found()
    {
        var world = new ScribeWorld(30, seed: 4);
        var result = world.Scribe.Run(() => world.Scribe.ScribeOf(world.Pick()).JoinAsync(GroupId.Compute("nothing", world.Creator.PublicKey)).AsTask(), ScribeWorld.Limit);
        Assert.IsType<JoinResult.NotFound>(result);
        world.Run(5);
        Assert.All(world.Overlay.Nodes, node => Assert.Empty(ScribeWorld.MachineOf(node).Groups));
    }

    [Fact]
    public void A_group_that_is_left_by_all_leaves_nothing_behind_but_its_rendezvous_point()
    {
        var world = new ScribeWorld(60, seed: 5);
        var group = world.Create("games/2").Id;
        world.JoinMany(group, 20);
        foreach (var member in world.Members)
        {
            world.Scribe.Run(() => member.Group.DisposeAsync().AsTask(), ScribeWorld.Limit);
        }

        world.Run(10);
        Assert.All(world.Overlay.Nodes, node => Assert.True(ScribeWorld.MachineOf(node).Groups.Count == 0 || node == world.RootOf(group), $"{node.Handle} is in the tree"));
        world.JoinMany(group, 10);
    }

    [Fact]
    public void Groups_that_crawl_reach_all_members_too()
    {
        var world = new ScribeWorld(60, seed: 6);
        var group = world.Create("chat", new GroupPolicy { Dissemination = Dissemination.Crawling }).Id;
        world.JoinMany(group, 20);
        for (var i = 0; i < 10; i++)
        {
            Assert.IsType<PublishResult.Published>(world.Publish(world.Members[i % 2], $"{i % 2}: {i}"));
        }

        world.Run(5);
        foreach (var member in world.Members)
        {
            Assert.Equal(["0: 0", "0: 2", "0: 4", "0: 6", "0: 8"], member.Ordered.Where(text => text[0] == '0'));
            Assert.Equal(["1: 1", "1: 3", "1: 5", "1: 7", "1: 9"], member.Ordered.Where(text => text[0] == '1'));
        }
    }

    [Fact]
    public void Messages_that_are_not_ordered_arrive_as_well()
    {
        var world = new ScribeWorld(40, seed: 7);
        var group = world.Create("positions").Id;
        world.JoinMany(group, 10);
        Assert.IsType<PublishResult.Sent>(world.Publish(world.Members[0], "here", DeliveryClass.Sequenced, key: 7));
        Assert.IsType<PublishResult.Sent>(world.Publish(world.Members[1], "noise", DeliveryClass.BestEffort));
        world.Run(3);
        Assert.All(world.Members, member => Assert.Equal(["here", "noise"], member.Loose.Order()));
    }
}
