namespace P2P.Pastry.Transport;

/// <summary>Is a node as its own host's transport knows it.</summary>
/// <param name="Index">The number of the node at this host, from 0.</param>
/// <param name="Handle">What others know the node by.</param>
public sealed record LocalNode(int Index, NodeHandle Handle);
