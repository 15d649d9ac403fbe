namespace P2P.Pastry.Transport.Memory;

/// <summary>Is the outcome of looking for a host: the host, or why there is none.</summary>
internal readonly record struct Reach(InMemoryTransport? Host, PeerDownReason Reason);
