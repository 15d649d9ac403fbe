using P2P.Pastry;

namespace P2P.Scribe.Protocol;

/// <summary>Is what whoever runs the node may want to know. Nothing depends on it.</summary>
internal abstract record ScribeNote : ScribeEffect;

/// <summary>This node has become the rendezvous point of a group: in the first epoch of one that has begun, or in a later one.</summary>
internal sealed record RootBegan(GroupId Group, uint Epoch) : ScribeNote;

/// <summary>This node is the rendezvous point of a group no more.</summary>
internal sealed record RootEnded(GroupId Group) : ScribeNote;

/// <summary>A node does not answer that was the parent in so many trees.</summary>
internal sealed record ParentsLost(int GroupCount) : ScribeNote;

/// <summary>A parent has been found, so many hops below the rendezvous point.</summary>
internal sealed record Grafted(GroupId Group, NodeHandle Parent, int Depth) : ScribeNote;

/// <summary>A parent was left because it did not do what it should.</summary>
internal sealed record ParentDistrusted(GroupId Group, NodeHandle Parent) : ScribeNote;

/// <summary>A node does not answer that was a child in so many trees.</summary>
internal sealed record ChildrenGone(int GroupCount) : ScribeNote;

/// <summary>So much was refused since this was noted last.</summary>
internal sealed record Refused(RefusalCause Cause, long Count) : ScribeNote;
