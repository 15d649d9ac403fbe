using P2P.Past;
using P2P.Pastry;

namespace NodeSample.Control;

/// <summary>Shows a node at one moment, in numbers and words that scripts can read.</summary>
/// <param name="Id">Its place on the ring.</param>
/// <param name="Incarnation">Which of its lives this is.</param>
/// <param name="Addresses">Where others reach it.</param>
/// <param name="Ready">Whether it takes part in the ring.</param>
/// <param name="Isolated">Whether it has lost every other node, and looks for them.</param>
/// <param name="State">How far it does: joining, joined, ready, isolated or departed.</param>
/// <param name="LeafSet">Its neighbours, from the farthest on the left to the farthest on the right.</param>
/// <param name="TableRows">How many nodes each row of its routing table holds.</param>
/// <param name="Table">The rows that hold somebody.</param>
/// <param name="Neighborhood">The nodes that are nearest to it by round trip, nearest first.</param>
/// <param name="Suspects">The nodes that it passes over, since they were silent.</param>
/// <param name="LeasesHeld">What its ring neighbours have promised to it.</param>
/// <param name="LeasesGranted">What it has promised to others.</param>
/// <param name="MessagesDelivered">How many routed messages arrived here.</param>
/// <param name="MessagesForwarded">How many were sent on from here.</param>
/// <param name="MessagesDropped">How many were given up here.</param>
/// <param name="Counters">All that it has counted.</param>
/// <param name="Replicas">How many replicas it holds.</param>
/// <param name="UsedBytes">How much they take.</param>
/// <param name="CapacityBytes">How much they may take.</param>
/// <param name="Holds">Whether it holds each of the files that were asked about.</param>
internal sealed record NodeStatus(
    string Id,
    ulong Incarnation,
    string[] Addresses,
    bool Ready,
    bool Isolated,
    string State,
    NeighborStatus[] LeafSet,
    int[] TableRows,
    TableRowStatus[] Table,
    PeerStatus[] Neighborhood,
    string[] Suspects,
    LeaseStatus[] LeasesHeld,
    LeaseStatus[] LeasesGranted,
    long MessagesDelivered,
    long MessagesForwarded,
    long MessagesDropped,
    PastryCounters Counters,
    int Replicas,
    long UsedBytes,
    long CapacityBytes,
    SortedDictionary<string, bool> Holds)
{
    public static NodeStatus Of(PastrySnapshot node, PastStore past, IEnumerable<FileId> files)
    {
        var usage = past.Replicas.Usage;
        var counters = node.Counters;
        return new(
            node.Node.Id.ToString(),
            node.Node.Incarnation,
            [.. node.Node.Addresses.Select(address => address.ToString())],
            node.State == PastryNodeState.Ready,
            node.State == PastryNodeState.Isolated,
            Words.Of(node.State),
            NeighborStatus.Of(node),
            [.. Enumerable.Range(0, node.Table.IsEmpty ? 0 : node.Table[^1].Number + 1).Select(number => node.Table.Where(row => row.Number == number).Sum(row => row.Nodes.Length))],
            [.. node.Table.Select(row => new TableRowStatus(row.Number, [.. row.Nodes.Select(peer => PeerStatus.Of(peer, node.At))]))],
            [.. node.Neighborhood.Select(peer => PeerStatus.Of(peer, node.At))],
            [.. node.Suspects.Select(peer => peer.Node.Id.ToString())],
            [.. node.LeasesHeld.Select(lease => LeaseStatus.Of(lease, node.At))],
            [.. node.LeasesGranted.Select(lease => LeaseStatus.Of(lease, node.At))],
            counters.Delivered,
            counters.Forwarded,
            counters.DroppedUnderway + counters.DroppedWaiting + counters.DroppedLoops,
            counters,
            usage.Count,
            usage.UsedBytes,
            usage.CapacityBytes,
            new(files.Distinct().ToDictionary(file => file.ToString(), past.Replicas.Contains), StringComparer.Ordinal));
    }
}
