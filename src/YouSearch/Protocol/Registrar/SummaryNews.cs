using P2P.Bloom;

namespace P2P.YouSearch.Protocol;

/// <summary>Is what a registration says of one of a site's summaries.</summary>
internal abstract record SummaryNews
{
    private SummaryNews()
    {
    }

    /// <summary>There are no terms.</summary>
    public sealed record Nothing : SummaryNews
    {
        public static Nothing Instance { get; } = new();
    }

    /// <summary>The summary is as it was.</summary>
    /// <param name="Fingerprint">How it was.</param>
    public sealed record AsItWas(ulong Fingerprint) : SummaryNews;

    /// <summary>The summary is new, or so different that this is shorter.</summary>
    /// <param name="Filter">The summary.</param>
    public sealed record Whole(PartitionedBloomFilter Filter) : SummaryNews;

    /// <summary>Some bits have changed.</summary>
    /// <param name="Base">The fingerprint of the summary before.</param>
    /// <param name="Result">The fingerprint of the summary now.</param>
    /// <param name="Parts">The changes: of all vectors together, or of each alone, in their order.</param>
    public sealed record Changes(ulong Base, ulong Result, IReadOnlyList<BloomDelta> Parts) : SummaryNews
    {
        public long Count => Parts.Sum(part => part.ChangeCount);
    }
}
