using P2P.Pastry;
using P2P.Pastry.Protocol;

namespace Pastry.Tests.Protocol;

public class NeighborhoodSetTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void The_nearest_are_kept_in_order(int capacity)
    {
        var random = new Random(capacity);
        var set = new NeighborhoodSet(capacity);
        var distances = new Dictionary<NodeHandle, float>();
        for (var step = 0; step < 300; step++)
        {
            var node = Nodes.At((UInt128)(1 + step));
            distances[node] = random.Next(1, 1_000_000);
            set.Consider(node, distances[node]);
            Assert.Equal(distances.OrderBy(pair => pair.Value).Take(capacity).Select(pair => pair.Key), set.Members.ToArray());
        }
    }

    [Fact]
    public void What_is_known_of_a_member_is_corrected()
    {
        var set = new NeighborhoodSet(2);
        set.Consider(Nodes.At(1), 10);
        set.Consider(Nodes.At(2), 20);
        set.Consider(Nodes.At(1), 30);
        Assert.Equal([Nodes.At(2), Nodes.At(1)], set.Members.ToArray());

        Assert.True(set.Remove(new NodeId(2)));
        Assert.False(set.Remove(new NodeId(2)));
        Assert.Equal([Nodes.At(1)], set.Members.ToArray());
    }
}
