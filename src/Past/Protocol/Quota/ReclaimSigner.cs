using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>Is a node that has signed that it does not hold a file which was taken back.</summary>
/// <param name="Node">The node.</param>
/// <param name="HasHeld">Whether it gave a replica up; else it never had one, and refuses it from now on.</param>
internal readonly record struct ReclaimSigner(NodeId Node, bool HasHeld);
