using P2P.Past;

namespace Past.Tests.Simulation;

/// <summary>Nodes that use the archive and hold nothing for others.</summary>
public sealed class AccessPointTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(20)]
    public void Node_without_storage_knows_for_certain_what_nobody_holds_also_next_to_the_id(int nodes)
    {
        var world = new PastWorld(seed: 11);
        world.Grow(nodes);
        world.CapacityBytes = 0;
        world.Grow(2);
        var guest = world.Alive.First(member => member.Store.Usage.CapacityBytes == 0);
        var absent = Enumerable.Range(0, 40).Select(i => world.NewFile($"absent {i}")).ToArray();

        Assert.All(absent, file => Assert.Equal(SimulatedOutcome.NotFound, world.Find(guest, file.Id).Outcome));
        var reclaims = absent.Select(guest.Reclaim).ToArray();
        world.Await(reclaims);
        Assert.All(reclaims, reclaim => Assert.IsType<ReclaimResult.NotFound>(reclaim.Result));
    }
}
