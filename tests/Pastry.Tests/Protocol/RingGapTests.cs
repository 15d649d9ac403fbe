using P2P.Pastry;
using P2P.Pastry.Protocol;

namespace Pastry.Tests.Protocol;

/// <summary>Where a leaf set that is not full lacks members: in the widest stretch of the ring without one.</summary>
public class RingGapTests
{
    private static readonly NodeId Self = new(1000);

    [Fact]
    public void A_side_that_lost_a_member_ends_where_its_true_members_do()
    {
        var gap = RingGap.Among(Self, [At(980), At(990), At(1010)], sideLength: 2);

        Assert.Equal(At(1010), gap.Before);
        Assert.Equal(At(980), gap.After);
        Assert.Equal((1, 0), (gap.ClockwiseRoom, gap.CounterclockwiseRoom));
        Assert.True(gap.Contains(Self, new NodeId(1011)));
        Assert.True(gap.Contains(Self, new NodeId(979)));
        Assert.False(gap.Contains(Self, new NodeId(1005)));
        Assert.False(gap.Contains(Self, new NodeId(985)));
    }

    [Fact]
    public void A_side_without_members_ends_at_the_owner()
    {
        var gap = RingGap.Among(Self, [At(990)], sideLength: 2);

        Assert.Null(gap.Before);
        Assert.Equal(At(990), gap.After);
        Assert.Equal((2, 1), (gap.ClockwiseRoom, gap.CounterclockwiseRoom));
        Assert.True(gap.Contains(Self, new NodeId(1001)));
        Assert.False(gap.Contains(Self, new NodeId(995)));
    }

    [Fact]
    public void Nobody_else_is_the_whole_ring()
    {
        var gap = RingGap.Among(Self, [], sideLength: 2);

        Assert.Equal((null, null, 2, 2), (gap.Before, gap.After, gap.ClockwiseRoom, gap.CounterclockwiseRoom));
        Assert.True(gap.Contains(Self, new NodeId(1)));
    }

    [Fact]
    public void The_ring_closes_over_its_zero()
    {
        var self = new NodeId(5);
        var gap = RingGap.Among(self, [At(UInt128.MaxValue - 10), At(20)], sideLength: 2);

        Assert.Equal(At(20), gap.Before);
        Assert.Equal(At(UInt128.MaxValue - 10), gap.After);
        Assert.True(gap.Contains(self, new NodeId(UInt128.One << 127)));
        Assert.False(gap.Contains(self, new NodeId(UInt128.MaxValue)));
    }

    private static NodeHandle At(UInt128 id) => Nodes.At(id);
}
