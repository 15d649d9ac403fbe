using P2P.Pastry;

namespace Pastry.Tests.Simulation;

/// <summary>What it costs that a node goes: those around it talk about it, and nobody else does.</summary>
public class RepairCostTests
{
    private static readonly PastryOptions Options = new() { LeafSetSize = 16 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_departure_costs_a_few_messages_for_each_member_of_the_leaf_set(ulong seed)
    {
        var ring = Formed(seed);
        var quiet = CountControl(ring, () => { });
        var busy = CountControl(ring, () => ring.PickReady().Leave());

        Assert.InRange(busy - quiet, long.MinValue, 20 * Options.LeafSetSize);
        Assert.Empty(ring.WrongLeafSets());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_crash_costs_little_more(ulong seed)
    {
        var ring = Formed(seed);
        var quiet = CountControl(ring, () => { });
        var busy = CountControl(ring, () => ring.PickReady().Crash());

        Assert.InRange(busy - quiet, long.MinValue, 40 * Options.LeafSetSize);
        Assert.Empty(ring.WrongLeafSets());
    }

    [Fact]
    public void After_a_cut_has_healed_nobody_talks_without_end()
    {
        var ring = Formed(seed: 1);
        var half = ring.Simulation.Nodes.Where((_, index) => index % 2 == 0).Select(node => node.Host).ToHashSet();
        using (ring.Simulation.Network.Cut((from, to) => half.Contains(from) != half.Contains(to)))
        {
            ring.Simulation.Run(TimeSpan.FromMinutes(2));
        }

        ring.Simulation.Run(TimeSpan.FromSeconds(1));
        var storm = CountControl(ring, () => { });

        // Each member of each leaf set is looked after once in 4.5 s at most.
        Assert.InRange(storm, 0, ring.Simulation.Nodes.Count * Options.LeafSetSize * 2 * 60 / 4.5);
        Assert.True(ring.RunUntilHealed(TimeSpan.FromMinutes(5)));
    }

    private static WatchedRing Formed(ulong seed)
    {
        var ring = new WatchedRing(seed, Options);
        Assert.True(ring.Grow(100));
        ring.Simulation.Run(TimeSpan.FromMinutes(5));
        return ring;
    }

    private static long CountControl(WatchedRing ring, Action disturb)
    {
        var before = ring.Simulation.Nodes.Sum(node => node.ControlMessagesSent);
        disturb();
        ring.Simulation.Run(TimeSpan.FromMinutes(1));
        return ring.Simulation.Nodes.Sum(node => node.ControlMessagesSent) - before;
    }
}
