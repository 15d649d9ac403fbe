using P2P.Past;
using P2P.Pastry;

namespace NodeSample.Control;

/// <summary>Shows a node at one moment, in numbers and words that scripts can read.</summary>
/// <param name="Id">Its place on the ring.</param>
/// <param name="Incarnation">Which of its lives this is.</param>
/// <param name="Addresses">Where others reach it.</param>
/// <param name="Ready">Whether it takes part in the ring.</param>
/// <param name="Isolated">Whether it has lost every other node, and looks for them.</param>
/// <param name="LeafSet">Its neighbours, from the farthest on the left to the farthest on the right.</param>
/// <param name="TableRows">How many nodes each row of its routing table holds.</param>
/// <param name="MessagesDelivered">How many routed messages arrived here.</param>
/// <param name="MessagesForwarded">How many were sent on from here.</param>
/// <param name="MessagesDropped">How many were given up here.</param>
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
    NeighborStatus[] LeafSet,
    int[] TableRows,
    long MessagesDelivered,
    long MessagesForwarded,
    long MessagesDropped,
    int Replicas,
    long UsedBytes,
    long CapacityBytes,
    SortedDictionary<string, bool> Holds)
{
    public static NodeStatus Of(PastryStatus status, PastStore past, IEnumerable<FileId> files)
    {
        var usage = past.Replicas.Usage;
        return new(
            status.Node.Id.ToString(),
            status.Node.Incarnation,
            [.. status.Node.Addresses.Select(address => address.ToString())],
            status.IsReady,
            status.IsIsolated,
            [.. status.LeafSet.Select(NeighborStatus.Of)],
            [.. status.TableRows],
            status.MessagesDelivered,
            status.MessagesForwarded,
            status.MessagesDropped,
            usage.Count,
            usage.UsedBytes,
            usage.CapacityBytes,
            new(files.Distinct().ToDictionary(file => file.ToString(), past.Replicas.Contains), StringComparer.Ordinal));
    }
}

/// <summary>Names a neighbour.</summary>
internal sealed record NeighborStatus(string Id, string Address)
{
    public static NeighborStatus Of(NodeHandle node) => new(node.Id.ToString(), node.Address.ToString());
}
