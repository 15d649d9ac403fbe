namespace P2P.Pastry.Transport;

/// <summary>Says who a node is that is about to live on a host.</summary>
/// <param name="Key">The node's key; its id is derived from it.</param>
/// <param name="Incarnation">Which of its lives this is: higher than in any earlier one.</param>
public sealed record NodeIdentity(SigningKey Key, ulong Incarnation);
