using P2P.Pastry;

namespace P2P.Scribe.Simulation;

/// <summary>Is a message as a member of <see cref="VirtualGroups"/> gets it.</summary>
/// <param name="Group">The group.</param>
/// <param name="Author">The node that has published it.</param>
/// <param name="Number">Which of that node's messages in the group it is, from 1.</param>
/// <param name="Position">Its place in the group's order.</param>
/// <param name="IsReplayed">Whether the member, or one above it in the tree, had missed it, and got it when it was sent again.</param>
public readonly record struct VirtualDelivery(GroupId Group, NodeId Author, ulong Number, GroupPosition Position, bool IsReplayed);
