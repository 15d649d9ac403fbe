namespace P2P.Pastry;

/// <summary>Is a message that arrived for an endpoint.</summary>
/// <param name="Key">The key that it was routed to, or this node's id where it was sent directly.</param>
/// <param name="From">Who sent it directly; null where it was routed.</param>
/// <param name="Hops">How many hops it made.</param>
/// <param name="Payload">What it says.</param>
public readonly record struct Delivery(NodeId Key, NodeHandle? From, int Hops, ReadOnlyMemory<byte> Payload);
