namespace P2P.Past;

/// <summary>Is what a node remembers of a file that its owner has taken back.</summary>
/// <param name="Certificate">The owner's word.</param>
/// <param name="FreedBytes">The length of the content that the node held; null where it held none.</param>
/// <param name="ReclaimedAt">When the node learnt of it, by the node's clock, in whole milliseconds.</param>
public sealed record ReclaimedReplica(ReclaimCertificate Certificate, long? FreedBytes, DateTimeOffset ReclaimedAt);
