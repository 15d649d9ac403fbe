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
        obituaries.Add(Nodes.At(1), departed: false, new Instant(0));
        Assert.True(obituaries.Contains(Nodes.At(1), new Instant(99)));
        Assert.False(obituaries.Contains(Nodes.At(2), new Instant(99)));
        Assert.False(obituaries.Contains(Nodes.At(1), new Instant(100)));
    }

    [Fact]
    public void A_later_life_is_not_dead()
    {
        var obituaries = new Obituaries(8, Lifetime);
        obituaries.Add(Nodes.At(1, incarnation: 2), departed: true, new Instant(0));
        Assert.True(obituaries.Contains(Nodes.At(1, incarnation: 1), new Instant(1)));
        Assert.False(obituaries.Contains(Nodes.At(1, incarnation: 3), new Instant(1)));
        Assert.True(obituaries.Revive(Nodes.At(1, incarnation: 3), new Instant(1)));
        Assert.False(obituaries.Contains(Nodes.At(1, incarnation: 2), new Instant(1)));
    }

    [Fact]
    public void A_word_clears_who_was_believed_dead_but_not_who_has_left()
    {
        var obituaries = new Obituaries(8, Lifetime);
        obituaries.Add(Nodes.At(1), departed: false, new Instant(0));
        obituaries.Add(Nodes.At(2), departed: true, new Instant(0));

        Assert.True(obituaries.Revive(Nodes.At(1), new Instant(1)));
        Assert.False(obituaries.Contains(Nodes.At(1), new Instant(1)));
        Assert.False(obituaries.Revive(Nodes.At(2), new Instant(1)));
        Assert.True(obituaries.Contains(Nodes.At(2), new Instant(1)));
    }

    [Fact]
    public void Only_the_failed_are_told_to_others()
    {
        var obituaries = new Obituaries(8, Lifetime);
        obituaries.Add(Nodes.At(1), departed: false, new Instant(0));
        obituaries.Add(Nodes.At(2), departed: true, new Instant(0));
        Assert.Equal([Nodes.At(1)], obituaries.Failed(new Instant(1)));
        Assert.Empty(obituaries.Failed(new Instant(100)));
    }

    [Fact]
    public void The_oldest_makes_room_for_the_newest()
    {
        var obituaries = new Obituaries(2, Lifetime);
        for (var id = 1u; id <= 3; id++)
        {
            obituaries.Add(Nodes.At(id), departed: false, new Instant(id));
        }

        Assert.Equal([Nodes.At(2), Nodes.At(3)], obituaries.Failed(new Instant(4)));
    }
}
