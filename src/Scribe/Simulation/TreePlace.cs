using P2P.Pastry;

namespace P2P.Scribe.Simulation;

/// <summary>Shows the place of a simulated node in the tree of a group (SCRIBE §3.2).</summary>
/// <param name="Group">The group.</param>
/// <param name="IsRoot">Whether the node is the rendezvous point.</param>
/// <param name="Parent">Who is above the node; null at the rendezvous point, and while a parent is looked for.</param>
/// <param name="Children">The children table: who is below.</param>
/// <param name="IsMember">Whether the node is a member; else it only forwards.</param>
public sealed record TreePlace(GroupId Group, bool IsRoot, NodeHandle? Parent, IReadOnlyList<NodeHandle> Children, bool IsMember);
