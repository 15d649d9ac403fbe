using P2P.Bloom;

namespace P2P.YouSearch;

/// <summary>Is a summary, and the one that the registrar may have already.</summary>
/// <param name="Filter">The summary as it is now; null where there are no terms.</param>
/// <param name="Base">The one that the registrar was told before, so that the difference is enough; the same object where nothing has changed, null for a registrar that knows none.</param>
public sealed record SummaryState(PartitionedBloomFilter? Filter, PartitionedBloomFilter? Base);
