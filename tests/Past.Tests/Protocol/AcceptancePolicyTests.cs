using P2P.Past.Protocol;

namespace Past.Tests.Protocol;

public class AcceptancePolicyTests
{
    [Theory]
    [InlineData(100, 1000, true)]
    [InlineData(101, 1000, false)]
    [InlineData(0, 0, true)]
    [InlineData(1, 0, false)]
    [InlineData(1, 9, false)]
    [InlineData(1, 10, true)]
    [InlineData(0, -5, false)]
    public void Paper_gives_a_file_one_share_of_what_is_free(long length, long free, bool accepts) =>
        Assert.Equal(accepts, new AcceptancePolicy(0.1, RoomyFactor: 1).Accepts(length, free, capacityBytes: 1000));

    [Theory]
    [InlineData(1000, 1000, true)]
    [InlineData(1001, 1000, false)]
    [InlineData(250, 500, true)]
    [InlineData(251, 500, false)]
    [InlineData(10, 100, true)]
    [InlineData(11, 100, false)]
    [InlineData(5, 50, true)]
    [InlineData(6, 50, false)]
    public void Empty_node_gives_a_larger_share(long length, long free, bool accepts) =>
        Assert.Equal(accepts, new AcceptancePolicy(0.1, RoomyFactor: 10).Accepts(length, free, capacityBytes: 1000));

    [Fact]
    public void Node_without_storage_takes_nothing()
    {
        Assert.False(new AcceptancePolicy(1, RoomyFactor: 10).Accepts(1, 0, capacityBytes: 0));
        Assert.True(new AcceptancePolicy(0, RoomyFactor: 10).Accepts(0, 10, capacityBytes: 10));
    }
}
