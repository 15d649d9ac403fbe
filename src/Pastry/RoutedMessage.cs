namespace P2P.Pastry;

/// <summary>Is a message that has arrived at the node closest to its key. Its payload is valid during the call.</summary>
/// <param name="Key">Where it was routed to.</param>
/// <param name="Hops">How many hops it made.</param>
/// <param name="Payload">What it says.</param>
public readonly record struct RoutedMessage(NodeId Key, int Hops, Payload Payload);
