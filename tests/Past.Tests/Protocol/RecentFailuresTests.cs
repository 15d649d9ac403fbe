using P2P.Past.Protocol;
using P2P.Pastry;

namespace Past.Tests.Protocol;

public class RecentFailuresTests
{
    private readonly RecentFailures _failures = new();

    [Fact]
    public void A_failure_concerns_files_that_the_node_was_among_the_holders_of()
    {
        _failures.Note(Node(12), NeighborChange.Failed);
        Assert.False(Concern(10, 9, 11, 14));
        _failures.Begin();
        Assert.True(Concern(10, 9, 11, 14));
        Assert.False(Concern(10, 9, 10, 11));
    }

    [Fact]
    public void A_failure_is_looked_at_in_the_next_round_only()
    {
        _failures.Note(Node(12), NeighborChange.Failed);
        _failures.Begin();
        _failures.Begin();
        Assert.False(Concern(10, 9, 11, 14));
    }

    [Fact]
    public void Who_left_or_was_displaced_has_not_failed()
    {
        _failures.Note(Node(12), NeighborChange.Displaced);
        _failures.Note(Node(13), NeighborChange.Departed);
        _failures.Begin();
        Assert.False(Concern(10, 9, 11, 14));
    }

    private bool Concern(uint key, params uint[] holders) => _failures.Concern(new NodeId(key), [.. holders.Select(Node)]);

    private static NodeHandle Node(uint id) => new(new NodeId(id), 1, [new NodeAddress("192.0.2.1", 4000)]);
}
