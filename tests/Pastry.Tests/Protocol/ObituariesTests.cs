using P2P.Pastry;
using P2P.Pastry.Protocol;

namespace Pastry.Tests.Protocol;

public class ObituariesTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromTicks(100);

    [Fact]
    public void The_dead_are_remembered_for_a_while()
    {
        var obituaries = new Obituaries(8, Lifetime);
        obituaries.Add(Nodes.At(1), Obituaries.Cause.Failed, new Instant(0));
        Assert.True(obituaries.Contains(Nodes.At(1), new Instant(99)));
        Assert.False(obituaries.Contains(Nodes.At(2), new Instant(99)));
        Assert.False(obituaries.Contains(Nodes.At(1), new Instant(100)));
    }

    [Fact]
    public void A_later_life_is_not_dead()
    {
        var obituaries = new Obituaries(8, Lifetime);
        obituaries.Add(Nodes.At(1, incarnation: 2), Obituaries.Cause.Departed, new Instant(0));
        Assert.True(obituaries.Contains(Nodes.At(1, incarnation: 1), new Instant(1)));
        Assert.False(obituaries.Contains(Nodes.At(1, incarnation: 3), new Instant(1)));
        Assert.True(obituaries.Revive(Nodes.At(1, incarnation: 3), new Instant(1)));
        Assert.False(obituaries.Contains(Nodes.At(1, incarnation: 2), new Instant(1)));
    }

    [Fact]
    public void A_word_clears_who_was_believed_dead_but_not_who_has_left()
    {
        var obituaries = new Obituaries(8, Lifetime);
        obituaries.Add(Nodes.At(1), Obituaries.Cause.Failed, new Instant(0));
        obituaries.Add(Nodes.At(2), Obituaries.Cause.Departed, new Instant(0));

        Assert.True(obituaries.Revive(Nodes.At(1), new Instant(1)));
        Assert.False(obituaries.Contains(Nodes.At(1), new Instant(1)));
        Assert.False(obituaries.Revive(Nodes.At(2), new Instant(1)));
        Assert.True(obituaries.Contains(Nodes.At(2), new Instant(1)));
    }

    [Fact]
    public void Those_who_spoke_once_are_told_to_others_as_long_as_they_are_remembered()
    {
        var obituaries = new Obituaries(8, Lifetime);
        obituaries.Add(Nodes.At(1), Obituaries.Cause.Failed, new Instant(0));
        obituaries.Add(Nodes.At(2), Obituaries.Cause.Departed, new Instant(0));
        Assert.Equal([Nodes.At(1), Nodes.At(2)], obituaries.Nodes(new Instant(1)));
        Assert.Empty(obituaries.Nodes(new Instant(100)));
    }

    [Fact]
    public void Of_a_node_that_never_spoke_only_what_was_said_of_it_is_remembered()
    {
        var obituaries = new Obituaries(8, Lifetime);
        var named = new NodeHandle(new NodeId(1), 5, [new NodeAddress("nobody.example", 1)]);
        obituaries.Add(named, Obituaries.Cause.NeverSpoke, new Instant(0));
        Assert.True(obituaries.Contains(named, new Instant(1)));
        Assert.False(obituaries.Contains(new NodeHandle(named.Id, 5, [new NodeAddress("somebody.example", 1)]), new Instant(1)));
        Assert.False(obituaries.Contains(Nodes.At(1, incarnation: 4), new Instant(1)));

        obituaries.Add(Nodes.At(1, incarnation: 4), Obituaries.Cause.Failed, new Instant(2));
        obituaries.Add(named, Obituaries.Cause.NeverSpoke, new Instant(3));
        Assert.True(obituaries.Contains(Nodes.At(1, incarnation: 4), new Instant(3)));
    }

    [Fact]
    public void What_was_only_said_leaves_room_for_those_who_died()
    {
        var obituaries = new Obituaries(8, Lifetime);
        for (var id = 1u; id <= 4; id++)
        {
            obituaries.Add(Nodes.At(id), Obituaries.Cause.Failed, new Instant(0));
        }

        for (var id = 100u; id < 200; id++)
        {
            obituaries.Add(Nodes.At(id), Obituaries.Cause.NeverSpoke, new Instant(1));
        }

        Assert.Equal([1, 2, 3, 4], obituaries.Nodes(new Instant(2)).Select(node => (int)node.Id.Value));
        Assert.Equal([196, 197, 198, 199], Enumerable.Range(100, 100).Where(id => obituaries.Contains(Nodes.At((uint)id), new Instant(2))));
    }

    [Fact]
    public void The_oldest_makes_room_for_the_newest()
    {
        var obituaries = new Obituaries(2, Lifetime);
        for (var id = 1u; id <= 3; id++)
        {
            obituaries.Add(Nodes.At(id), Obituaries.Cause.Failed, new Instant(id));
        }

        Assert.Equal([Nodes.At(2), Nodes.At(3)], obituaries.Nodes(new Instant(4)));
    }
}
