using P2P.Pastry;

namespace Pastry.Tests.Simulation;

/// <summary>A snapshot shows what the node's machine holds, and does not change with it.</summary>
public sealed class SnapshotTests
{
    [Fact]
    public void Snapshot_of_a_ready_node_shows_its_tables_leases_and_counters()
    {
        var ring = Formed();
        ring.Simulation.Run(TimeSpan.FromSeconds(5));
        foreach (var node in ring.Simulation.Nodes)
        {
            var snapshot = node.TakeSnapshot();

            Assert.Equal((node.Handle, PastryNodeState.Ready), (snapshot.Node, snapshot.State));
            Assert.Equal(node.Machine.LeafSet.Left, snapshot.Left[0].Node);
            Assert.Equal(node.Machine.LeafSet.Right, snapshot.Right[0].Node);
            Assert.Equal(
                node.LeafSet.Select(member => member.Id).Order(),
                snapshot.Left.Concat(snapshot.Right).Select(peer => peer.Node.Id).Distinct().Order());
            Assert.Equal(node.Machine.Table.Count, snapshot.Table.Sum(row => row.Nodes.Length));
            Assert.All(snapshot.Table, row => Assert.All(row.Nodes, peer => Assert.Equal(row.Number, peer.Node.Id.SharedDigits(node.Handle.Id, bitsPerDigit: 2))));
            var spoken = snapshot.Table.SelectMany(row => row.Nodes).Where(peer => peer.HeardAt is not null).ToArray();
            Assert.NotEmpty(spoken);
            Assert.All(spoken, peer => Assert.True(peer.HeardAt <= snapshot.At));
            Assert.Equal([RingSide.Left, RingSide.Right], snapshot.LeasesHeld.Select(lease => lease.Side));
            Assert.Equal([snapshot.Left[0].Node.Id, snapshot.Right[0].Node.Id], snapshot.LeasesHeld.Select(lease => lease.Peer));
            Assert.Equal(
                [snapshot.Left[0].Node.Id, snapshot.Right[0].Node.Id],
                snapshot.LeasesGranted.Where(lease => lease.Side is not null).OrderBy(lease => lease.Side).Select(lease => lease.Peer));
            Assert.All(snapshot.LeasesHeld.Concat(snapshot.LeasesGranted), lease => Assert.True(lease.Until > snapshot.At));
            Assert.Empty(snapshot.Suspects);
            Assert.Equal((1L, node.Machine.Counters.ControlSent), (snapshot.Counters.Joins, snapshot.Counters.ControlSent));
        }
    }

    [Fact]
    public void Snapshot_shows_who_is_suspected_and_found_dead_and_stays_as_it_was()
    {
        var ring = Formed();
        var victim = ring.Simulation.Nodes[5];
        var witness = ring.Simulation.Find(victim.Machine.LeafSet.Left!.Id)!;
        var before = witness.TakeSnapshot();
        victim.Crash();

        Assert.True(ring.Simulation.RunUntil(() => witness.TakeSnapshot().Suspects.Length > 0 || !witness.LeafSet.Contains(victim.Handle), TimeSpan.FromSeconds(30)));
        Assert.True(ring.Simulation.RunUntil(() => !witness.LeafSet.Contains(victim.Handle), TimeSpan.FromSeconds(30)));

        var after = witness.TakeSnapshot();
        Assert.InRange(after.Counters.FoundDead, 1, 1);
        Assert.NotEqual(victim.Handle, after.Right[0].Node);
        Assert.Contains(after.LeasesGranted, lease => lease.Peer == victim.Handle.Id);
        Assert.Equal((victim.Handle, 0L), (before.Right[0].Node, before.Counters.FoundDead));
    }

    [Fact]
    public void Snapshot_names_every_state_of_a_node()
    {
        var ring = new WatchedRing(seed: 5);
        var (founder, other) = (ring.AddNode(), ring.AddNode());
        Assert.Equal(PastryNodeState.Joining, founder.TakeSnapshot().State);
        founder.StartRing();
        Assert.Equal(PastryNodeState.Ready, founder.TakeSnapshot().State);
        other.Join(founder);
        Assert.True(ring.Simulation.RunUntil(() => other.TakeSnapshot().State == PastryNodeState.Joined, TimeSpan.FromSeconds(10)));
        Assert.True(ring.Simulation.RunUntil(() => other.TakeSnapshot().State == PastryNodeState.Ready, TimeSpan.FromSeconds(10)));
        Assert.Equal([RingSide.Left, RingSide.Right], other.TakeSnapshot().LeasesHeld.Select(lease => lease.Side));

        founder.Crash();
        Assert.True(ring.Simulation.RunUntil(() => other.TakeSnapshot().State == PastryNodeState.Isolated, TimeSpan.FromSeconds(30)));

        // Of a simulated node that is down nothing is kept, so its machine is asked as a live node asks it on its way out.
        var machine = other.Machine;
        other.Leave();
        Assert.Equal(PastryNodeState.Departed, PastrySnapshot.Of(machine, ring.Simulation.Now).State);
        Assert.Throws<InvalidOperationException>(other.TakeSnapshot);
    }

    private static WatchedRing Formed()
    {
        var ring = new WatchedRing(seed: 7, WatchedRing.Quick with { LeafSetSize = 8, BitsPerDigit = 2 });
        Assert.True(ring.Grow(20));
        Assert.True(ring.RunUntilHealed(TimeSpan.FromMinutes(1)));
        return ring;
    }
}
