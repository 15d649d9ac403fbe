using P2P.Pastry;

namespace P2P.Past;

/// <summary>Says what a node contributes to the ring's supply, and who may store more for it.</summary>
/// <param name="Account">The owner's key.</param>
/// <param name="CapacityBytes">How many bytes of replicas the node holds for the ring; 0 or more, and 0 withdraws.</param>
public sealed record StorageContribution(PublicKey Account, long CapacityBytes);
