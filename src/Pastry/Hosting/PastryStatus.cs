using P2P.Pastry.Protocol;

namespace P2P.Pastry;

/// <summary>Shows a node's state at one moment.</summary>
/// <param name="Node">Who the node is.</param>
/// <param name="IsReady">Whether it may deliver.</param>
/// <param name="LeafSet">Its leaf set, from the farthest on the left to the farthest on the right.</param>
/// <param name="TableRows">How many nodes each row of its routing table holds.</param>
/// <param name="MessagesDelivered">How many routed messages arrived here.</param>
/// <param name="MessagesForwarded">How many routed messages were sent on from here, those that started here included.</param>
/// <param name="MessagesDropped">How many routed messages were given up here.</param>
/// <param name="ControlMessagesSent">How many messages of the protocol itself were sent, acknowledgements apart.</param>
/// <param name="MessagesHeld">How many routed messages wait until they can go on.</param>
/// <param name="IsIsolated">
/// Whether it has lost every other node and may be what was cut off itself: it is not ready, and looks for the others until it meets one.
/// </param>
public sealed record PastryStatus(
    NodeHandle Node,
    bool IsReady,
    IReadOnlyList<NodeHandle> LeafSet,
    IReadOnlyList<int> TableRows,
    long MessagesDelivered,
    long MessagesForwarded,
    long MessagesDropped,
    long ControlMessagesSent,
    int MessagesHeld,
    bool IsIsolated)
{
    internal static PastryStatus Of(PastryMachine machine) => new(
        machine.Self,
        machine.IsReady,
        machine.LeafSet.Members,
        [.. Enumerable.Range(0, machine.Table.RowCount).Select(row => machine.Table.Row(row).Length)],
        machine.Counters.Delivered,
        machine.Counters.Forwarded,
        machine.Counters.DroppedUnderway + machine.Counters.DroppedWaiting + machine.Counters.DroppedLoops,
        machine.Counters.ControlSent,
        machine.HeldCount,
        machine.IsIsolated);
}
