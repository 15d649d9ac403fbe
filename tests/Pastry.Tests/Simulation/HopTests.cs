using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace Pastry.Tests.Simulation;

/// <summary>What becomes of messages whose next hop is silent, or that can be neither forwarded nor delivered.</summary>
public class HopTests
{
    [Fact]
    public void Message_goes_around_a_node_that_does_not_answer()
    {
        var ring = Formed(WatchedRing.Quick with { LeafSetSize = 8, BitsPerDigit = 2 });
        var victim = ring.Simulation.Nodes[5];
        victim.Sleep();
        for (var i = 0; i < 60; i++)
        {
            ring.Send(ring.PickReady(), ring.Simulation.NextId());
        }

        ring.Simulation.Run(TimeSpan.FromSeconds(8));
        Assert.True(ring.Simulation.Nodes.Sum(node => node.Machine.Counters.HopTimeouts) > 0);
        Assert.Equal(ring.Counts.Sent, ring.Counts.Delivered);
        Assert.Empty(ring.Violations);
    }

    [Fact]
    public void Message_for_a_dead_node_is_held_until_its_lease_has_run_out()
    {
        var ring = Formed(WatchedRing.Quick with { LeafSetSize = 8 });
        var dead = ring.Simulation.Nodes[5];
        dead.Crash();
        var heir = ring.Simulation.Find(new RingOracle(ring.Simulation).Root(dead.Handle.Id).Id)!;
        var message = ring.Send(heir, dead.Handle.Id);
        ring.Simulation.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(1, heir.Machine.HeldCount);

        Assert.True(ring.Simulation.RunUntil(() => ring.DeliveriesOf(message).Count > 0, TimeSpan.FromSeconds(10)));
        Assert.Equal([heir.Handle], ring.DeliveriesOf(message));
        Assert.Equal(0, heir.Machine.HeldCount);
    }

    [Fact]
    public void Held_messages_beyond_the_bound_push_out_the_oldest_and_are_counted()
    {
        var ring = Formed(WatchedRing.Quick with { LeafSetSize = 8, HeldMessagesMax = 10 });
        var outsider = ring.AddNode();
        int[] messages = [.. Enumerable.Range(0, 25).Select(_ => ring.Send(outsider, ring.Simulation.NextId()))];
        Assert.Equal(10, outsider.Machine.HeldCount);
        Assert.Equal(15, outsider.Machine.Counters.DroppedWaiting);

        outsider.Join(ring.PickReady());
        ring.Simulation.Run(TimeSpan.FromSeconds(5));
        Assert.All(messages[..15], message => Assert.Empty(ring.DeliveriesOf(message)));
        Assert.All(messages[15..], message => Assert.Single(ring.DeliveriesOf(message)));
    }

    [Fact]
    public void Message_that_can_not_go_on_for_too_long_is_dropped_and_counted()
    {
        var ring = Formed(WatchedRing.Quick with { LeafSetSize = 8 });
        var outsider = ring.AddNode();
        ring.Send(outsider, ring.Simulation.NextId());
        ring.Simulation.Run(WatchedRing.Quick.HeldMessageLifetime + TimeSpan.FromSeconds(1));
        Assert.Equal(0, outsider.Machine.HeldCount);
        Assert.Equal(1, outsider.Machine.Counters.DroppedWaiting);
    }

    [Fact]
    public void Messages_underway_beyond_the_bound_are_dropped_and_counted()
    {
        var ring = Formed(WatchedRing.Quick with { LeafSetSize = 8, PendingHopsMax = 4 });
        var source = ring.PickReady();
        var key = ring.Simulation.Nodes.First(node => node != source).Handle.Id;
        int[] messages = [.. Enumerable.Range(0, 10).Select(_ => ring.Send(source, key))];
        Assert.Equal(6, source.Machine.Counters.DroppedUnderway);

        ring.Simulation.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(4, messages.Count(message => ring.DeliveriesOf(message).Count == 1));
    }

    private static WatchedRing Formed(PastryOptions options)
    {
        var ring = new WatchedRing(seed: 11, options);
        Assert.True(ring.Grow(20));
        Assert.True(ring.RunUntilHealed(TimeSpan.FromMinutes(1)));
        return ring;
    }
}
