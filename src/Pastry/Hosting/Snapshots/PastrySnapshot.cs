using System.Collections.Immutable;
using P2P.Pastry.Protocol;

namespace P2P.Pastry;

/// <summary>
/// Shows all that a node knows of its ring at one moment, between two of its steps. It never changes, and a few kilobytes hold it. Instants are
/// on the node's own clock, as <see cref="At"/> is.
/// </summary>
public sealed record PastrySnapshot
{
    /// <summary>When this was.</summary>
    public required Instant At { get; init; }

    /// <summary>Who the node is.</summary>
    public required NodeHandle Node { get; init; }

    /// <summary>How far the node takes part in its ring.</summary>
    public required PastryNodeState State { get; init; }

    /// <summary>The side of the leaf set with lower ids, nearest first. In a small ring, a node may stand on both sides.</summary>
    public required ImmutableArray<PeerSnapshot> Left { get; init; }

    /// <summary>The side of the leaf set with higher ids, nearest first.</summary>
    public required ImmutableArray<PeerSnapshot> Right { get; init; }

    /// <summary>The rows of the routing table that hold somebody, first row first.</summary>
    public required ImmutableArray<TableRowSnapshot> Table { get; init; }

    /// <summary>The neighbourhood set: the nodes nearest by measured round trip, nearest first.</summary>
    public required ImmutableArray<PeerSnapshot> Neighborhood { get; init; }

    /// <summary>The nodes that are passed over now, since they were silent, by their ids; those that are in no table are not among them.</summary>
    public required ImmutableArray<PeerSnapshot> Suspects { get; init; }

    /// <summary>What ring neighbours have promised to this node; it is ready with one from each side that counts.</summary>
    public required ImmutableArray<LeaseSnapshot> LeasesHeld { get; init; }

    /// <summary>What this node has promised to others, and still has to keep.</summary>
    public required ImmutableArray<LeaseSnapshot> LeasesGranted { get; init; }

    /// <summary>What the node has counted since it started.</summary>
    public required PastryCounters Counters { get; init; }

    internal static PastrySnapshot Of(PastryMachine machine, Instant now)
    {
        var peers = new PeerView(machine);
        return new PastrySnapshot
        {
            At = now,
            Node = machine.Self,
            State = StateOf(machine, now),
            Left = peers.Show(machine.LeafSet.Counterclockwise),
            Right = peers.Show(machine.LeafSet.Clockwise),
            Table = peers.ShowTable(),
            Neighborhood = peers.Show(machine.Neighborhood.Members),
            Suspects = peers.ShowSuspects(),
            LeasesHeld = LeaseSnapshot.Held(machine.Leases, now),
            LeasesGranted = LeaseSnapshot.Granted(machine.Leases, now),
            Counters = PastryCounters.Of(machine),
        };
    }

    private static PastryNodeState StateOf(PastryMachine machine, Instant now) =>
        machine.HasLeft ? PastryNodeState.Departed
        : machine.IsIsolated ? PastryNodeState.Isolated
        : machine.IsReadyAt(now) ? PastryNodeState.Ready
        : machine.IsJoined ? PastryNodeState.Joined
        : PastryNodeState.Joining;
}
