using P2P.Pastry;
using P2P.Pastry.Simulation;
using Xunit.Abstractions;

namespace Pastry.Tests.Simulation;

/// <summary>How nodes come, go and come back; with heartbeats of 1 s, leases of 3 s, and three probes of 0.4 s.</summary>
public class MembershipTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Newcomers_to_the_same_gap_find_each_other(ulong seed)
    {
        var ring = Formed(10, seed);
        var place = ring.Simulation.NextId();
        for (var i = 0u; i < 6; i++)
        {
            ring.AddNode(new NodeId(place.Value + i)).Join(ring.PickReady());
        }

        AssertHeals(ring, Settled);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Two_nodes_join_a_ring_of_one_at_once(ulong seed)
    {
        var ring = Formed(1, seed);
        var first = ring.PickReady();
        ring.AddNode().Join(first);
        ring.AddNode().Join(first);

        AssertHeals(ring, Settled);
    }

    [Fact]
    public void Node_joins_a_node_that_is_still_joining_itself()
    {
        var ring = Formed(1, seed: 1);
        var (second, third) = (ring.AddNode(), ring.AddNode());
        third.Join(second);
        ring.Simulation.Run(TimeSpan.FromSeconds(1));
        second.Join(ring.PickReady());

        AssertHeals(ring, Settled);
    }

    [Fact]
    public void Join_retries_through_another_bootstrap_when_the_first_is_silent()
    {
        var ring = Formed(10, seed: 2);
        var newcomer = ring.AddNode();
        var neverJoined = ring.AddNode();
        newcomer.Join(neverJoined, ring.PickReady());
        Assert.True(ring.Simulation.RunUntilReady([newcomer], WatchedRing.Quick.JoinTimeout * 2));

        neverJoined.Crash();
        AssertHeals(ring, Settled);
    }

    [Fact]
    public void Join_retries_through_another_bootstrap_when_the_first_dies_underway()
    {
        var ring = Formed(10, seed: 3);
        var bootstrap = ring.PickReady();
        var newcomer = ring.AddNode();
        newcomer.Join(bootstrap, ring.Pick([.. ring.Up.Where(node => node != bootstrap && node != newcomer)]));
        ring.Simulation.Schedule(3 * ring.Simulation.Network.Topology.Delay(newcomer.Host, bootstrap.Host) - TimeSpan.FromTicks(1), bootstrap.Crash);

        AssertHeals(ring, Settled);
    }

    [Fact]
    public void Join_goes_on_until_a_bootstrap_is_there()
    {
        var ring = Formed(10, seed: 4);
        var (first, second) = (ring.Simulation.Nodes[0], ring.Simulation.Nodes[1]);
        first.Crash();
        second.Crash();
        var newcomer = ring.AddNode();
        newcomer.Join(first, second);
        ring.Simulation.Run(TimeSpan.FromSeconds(40));
        Assert.False(newcomer.IsReady);

        ring.Restart(second, ring.Simulation.Nodes[2]);
        AssertHeals(ring, Settled);
        Assert.True(newcomer.IsReady);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(2000)]
    [InlineData(5000)]
    [InlineData(60_000)]
    public void Node_restarts_whether_or_not_its_death_was_noticed(int downMilliseconds)
    {
        var ring = Formed(12, seed: 5);
        var node = ring.Simulation.Nodes[4];
        node.Crash();
        ring.Simulation.Run(TimeSpan.FromMilliseconds(downMilliseconds));
        var begin = ring.Simulation.Now;
        ring.Restart(node, ring.Simulation.Nodes[7]);
        Assert.True(ring.Simulation.RunUntilReady([node], Settled), ring.DescribeState());

        output.WriteLine($"ready after {(ring.Simulation.Now - begin).TotalSeconds:f1} s");
        Assert.True(ring.Simulation.Now - begin < TimeSpan.FromSeconds(2), "a restarted node waits for its earlier life");
        AssertHeals(ring, Settled);
    }

    [Fact]
    public void Farewell_is_known_at_once_and_nothing_is_lost_or_waits_for_a_lease()
    {
        for (var seed = 1u; seed <= 20; seed++)
        {
            var ring = Formed(12, seed);
            var simulation = ring.Simulation;
            var leaver = ring.PickReady();
            var messages = new List<int>();
            for (var i = 0; i < 100; i++)
            {
                messages.Add(ring.Send(ring.PickReady(), new NodeId(unchecked(leaver.Handle.Id.Value + (UInt128)i))));
                simulation.Run(TimeSpan.FromMilliseconds(2));
                if (i == 50)
                {
                    leaver.Leave();
                }
            }

            simulation.Run(TimeSpan.FromMilliseconds(200));
            Assert.DoesNotContain(ring.Up, node => node.LeafSet.Any(member => member.Id == leaver.Handle.Id));
            simulation.Run(WatchedRing.Quick.HopTimeoutMax);
            Assert.All(messages, message => Assert.NotEmpty(ring.DeliveriesOf(message)));
            AssertHeals(ring, Settled);
        }
    }

    [Fact]
    public void Leaving_node_hands_over_what_it_holds()
    {
        var ring = Formed(12, seed: 6);
        var simulation = ring.Simulation;
        var dead = ring.Simulation.Nodes[3];
        dead.Crash();
        var heir = simulation.Find(new RingOracle(simulation).Root(dead.Handle.Id).Id)!;
        var message = ring.Send(heir, dead.Handle.Id);
        Assert.True(simulation.RunUntil(() => heir.Machine.HeldCount == 1, TimeSpan.FromSeconds(1)));

        heir.Leave();
        AssertHeals(ring, Settled);
        Assert.Single(ring.DeliveriesOf(message));
    }

    [Fact]
    public void Link_that_fails_for_a_moment_makes_suspects_but_no_dead()
    {
        var dead = new List<string>();
        var ring = new WatchedRing(seed: 7, change: options => options with { Trace = line => Collect(line, dead) });
        Assert.True(ring.Grow(12));
        ring.Simulation.Run(TimeSpan.FromSeconds(5));
        var left = ring.Simulation.Nodes[0];
        var right = ring.Simulation.Find(left.Machine.LeafSet.Right!.Id)!;
        using (ring.Simulation.Network.Cut((from, to) => (from, to) == (left.Host, right.Host) || (to, from) == (left.Host, right.Host)))
        {
            ring.Send(left, right.Handle.Id);
            ring.Send(right, left.Handle.Id);
            ring.Simulation.Run(TimeSpan.FromSeconds(0.9));
            Assert.True(left.Machine.Counters.HopTimeouts > 0);
        }

        ring.Simulation.Run(TimeSpan.FromSeconds(5));
        Assert.Empty(dead);
        AssertHeals(ring, TimeSpan.FromSeconds(1));
        Assert.All(ring.Simulation.Nodes, node => Assert.Equal(0, node.Machine.HeldCount));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Neighbours_that_buried_each_other_over_a_cut_link_meet_again(bool bothWays)
    {
        var ring = Formed(12, seed: 8);
        var left = ring.Simulation.Nodes[0];
        var right = ring.Simulation.Find(left.Machine.LeafSet.Right!.Id)!;
        using (ring.Simulation.Network.Cut((from, to) => (from, to) == (left.Host, right.Host) || (bothWays && (to, from) == (left.Host, right.Host))))
        {
            for (var i = 0; i < 100; i++)
            {
                ring.Simulation.Run(TimeSpan.FromMilliseconds(200));
                ring.Send(ring.PickUp(), ring.NextKey());
                ring.CheckExclusive(keys: 20);
            }
        }

        var begin = ring.Simulation.Now;
        Assert.True(ring.RunUntilHealed(Settled), ring.DescribeState());
        output.WriteLine($"whole after {(ring.Simulation.Now - begin).TotalSeconds} s");
        AssertHeals(ring, Settled);
    }

    [Fact]
    public void Woken_node_delivers_nothing_on_leases_from_before_its_sleep()
    {
        for (var seed = 1u; seed <= 20; seed++)
        {
            var ring = Formed(10, seed);
            var simulation = ring.Simulation;
            var sleeper = ring.PickReady();
            sleeper.Sleep();
            simulation.Run(TimeSpan.FromSeconds(0.5 + simulation.NextRandom(20)));
            var newcomer = ring.AddNode(new NodeId(sleeper.Handle.Id.Value + 2));
            newcomer.Join(ring.PickReady());
            simulation.Run(TimeSpan.FromSeconds(simulation.NextRandom(20)));

            sleeper.Wake();
            Assert.False(sleeper.IsReady);
            ring.Send(sleeper, sleeper.Handle.Id);
            for (var i = 0; i < 20; i++)
            {
                simulation.Run(TimeSpan.FromMilliseconds(100));
                ring.CheckExclusive(keys: 20);
            }

            AssertHeals(ring, Settled);
        }
    }

    [Fact]
    public void Survivor_of_a_ring_of_two_serves_the_other_s_keys_once_its_lease_has_run_out()
    {
        var ring = Formed(2, seed: 9);
        var (survivor, dead) = (ring.Simulation.Nodes[0], ring.Simulation.Nodes[1]);
        dead.Crash();
        var message = ring.Send(survivor, dead.Handle.Id);
        ring.Simulation.Run(TimeSpan.FromSeconds(2));
        Assert.Empty(ring.DeliveriesOf(message));
        ring.Simulation.Run(TimeSpan.FromSeconds(6));

        Assert.Single(ring.DeliveriesOf(message));
        AssertHeals(ring, Settled);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Half_of_the_ring_dies(ulong seed)
    {
        var ring = Formed(40, seed, WatchedRing.Quick with { LeafSetSize = 16 });
        foreach (var node in ring.Simulation.Nodes.Where(_ => ring.Simulation.NextRandom(2) == 0).ToArray())
        {
            node.Crash();
        }

        AssertHeals(ring, TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(2, 16)]
    [InlineData(3, 32)]
    public void All_but_one_of_a_side_die_at_once(ulong seed, int leafSetSize)
    {
        var ring = Formed(60, seed, WatchedRing.Quick with { LeafSetSize = leafSetSize });
        var sorted = new RingOracle(ring.Simulation).Ring;
        foreach (var handle in sorted.Take(leafSetSize / 2 - 1))
        {
            ring.Simulation.Find(handle.Id)!.Crash();
        }

        AssertHeals(ring, TimeSpan.FromSeconds(25));
    }

    [Fact]
    public void Halves_of_a_ring_serve_apart_and_are_one_again_when_the_cut_was_short()
    {
        var ring = Formed(30, seed: 10);
        using (ring.Simulation.Network.Partition(host => host % 2 == 0))
        {
            ring.Simulation.Run(TimeSpan.FromSeconds(2));
        }

        AssertHeals(ring, Settled);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Halves_of_a_ring_are_one_again_after_a_long_cut(ulong seed)
    {
        var ring = Formed(30, seed);
        using (ring.Simulation.Network.Partition(host => host % 2 == 0))
        {
            ring.Simulation.Run(TimeSpan.FromMinutes(10));
            Assert.All(ring.Up, node => Assert.DoesNotContain(node.LeafSet, member => ring.Simulation.Find(member.Id)!.Host % 2 != node.Host % 2));
        }

        AssertHeals(ring, Settled);
    }

    [Fact]
    public void Node_that_is_cut_off_from_all_serves_nobody_and_comes_back_by_itself()
    {
        var ring = Formed(12, seed: 11);
        var lonely = ring.Simulation.Nodes[5];
        using (ring.Simulation.Network.Partition(host => host == lonely.Host))
        {
            ring.Simulation.Run(TimeSpan.FromMinutes(2));
            Assert.Empty(lonely.LeafSet);
            Assert.False(lonely.IsReady);
            var message = ring.Send(lonely, lonely.Handle.Id);
            ring.Simulation.Run(TimeSpan.FromSeconds(20));
            Assert.Empty(ring.DeliveriesOf(message));
        }

        AssertHeals(ring, Settled);
        Assert.True(lonely.IsReady);
    }

    [Fact]
    public void Ring_of_which_every_node_was_cut_off_forms_again_without_its_founder()
    {
        var ring = Formed(6, seed: 12);
        using (ring.Simulation.Network.Cut((_, _) => true))
        {
            ring.Simulation.Run(TimeSpan.FromMinutes(2));
            Assert.All(ring.Simulation.Nodes, node => Assert.Equal(node == ring.Simulation.Nodes[0], node.IsReady));
            ring.Simulation.Nodes[0].Crash();
        }

        AssertHeals(ring, Settled);
    }

    [Fact]
    public void Node_that_was_told_to_stand_alone_does()
    {
        var ring = Formed(3, seed: 13, WatchedRing.Quick with { LeafSetSize = 8, StandsAlone = true });
        ring.Simulation.Nodes[0].Crash();
        ring.Simulation.Nodes[1].Crash();
        Assert.True(ring.Simulation.RunUntil(() => ring.Simulation.Nodes[2].LeafSet.Count == 0, Settled));
        AssertHeals(ring, Settled);
    }

    [Fact]
    public void Node_whose_only_companion_said_farewell_stands_alone()
    {
        var ring = Formed(2, seed: 14);
        ring.Simulation.Nodes[0].Leave();
        AssertHeals(ring, TimeSpan.FromSeconds(2));
    }

    private void AssertHeals(WatchedRing ring, TimeSpan within)
    {
        var begin = ring.Simulation.Now;
        Assert.True(
            ring.RunUntilHealed(within),
            $"seed {ring.Simulation.Seed}: not whole after {within}\n{string.Join('\n', ring.WrongLeafSets())}\n{ring.DescribeState()}");
        output.WriteLine($"seed {ring.Simulation.Seed}: whole after {(ring.Simulation.Now - begin).TotalSeconds} s");
        Assert.Equal(0, ring.CountWrongLookups(50));
        Assert.True(ring.Violations.Count == 0, $"seed {ring.Simulation.Seed}:\n{string.Join('\n', ring.Violations.Take(10))}");
    }

    private static WatchedRing Formed(int nodes, ulong seed, PastryOptions? options = null)
    {
        var ring = new WatchedRing(seed, options ?? WatchedRing.Quick with { LeafSetSize = 8 });
        Assert.True(ring.Grow(nodes), $"seed {seed}: did not form");
        Assert.True(ring.RunUntilHealed(TimeSpan.FromMinutes(1)), $"seed {seed}: did not settle");
        return ring;
    }

    private static void Collect(string line, List<string> dead)
    {
        if (line.Contains("PeerDeclaredDead", StringComparison.Ordinal))
        {
            dead.Add(line);
        }
    }
}
