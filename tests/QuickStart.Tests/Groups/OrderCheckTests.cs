using QuickStart.Groups;

namespace QuickStart.Tests.Groups;

/// <summary>The check of the group's order sees what differs.</summary>
public sealed class OrderCheckTests
{
    [Fact]
    public void The_same_in_the_same_order_is_one_order() => Assert.True(OrderCheck.IsOneOrder([[2, 1, 3], [2, 1, 3]]));

    [Fact]
    public void Another_order_is_seen() => Assert.False(OrderCheck.IsOneOrder([[2, 1, 3], [1, 2, 3]]));

    [Fact]
    public void What_came_twice_everywhere_is_seen() => Assert.False(OrderCheck.IsOneOrder([[1, 1], [1, 1]]));

    [Fact]
    public void What_one_member_lacks_is_seen_and_counted()
    {
        Assert.False(OrderCheck.IsOneOrder([[1, 2, 3], [1, 3]]));
        Assert.Equal(1, OrderCheck.CountLost([[1, 2, 3], [1, 3]], [1, 2, 3]));
    }

    [Fact]
    public void The_first_difference_is_named()
    {
        Assert.Contains("number 2 was message 1 at one member and message 3 at another", OrderCheck.FindDifference([[2, 1, 3], [2, 3, 1]]), StringComparison.Ordinal);
        Assert.Contains("number 3 was message 3 at one member and nothing at another", OrderCheck.FindDifference([[2, 1, 3], [2, 1]]), StringComparison.Ordinal);
        Assert.Null(OrderCheck.FindDifference([]));
    }

    [Fact]
    public void What_nobody_was_told_to_be_safe_is_not_lost() => Assert.Equal(0, OrderCheck.CountLost([[1], [1]], [1]));
}
