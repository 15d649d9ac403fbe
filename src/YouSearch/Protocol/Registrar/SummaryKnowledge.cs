namespace P2P.YouSearch.Protocol;

/// <summary>Is what the registrar knows of a summary without having its bits.</summary>
/// <param name="Fingerprint">What tells this version from others; null where there is none, or it is not known which one the vectors have.</param>
/// <param name="Bits">How many bits there are.</param>
/// <param name="BitsSetMax">How many of them may be set: a change counts as if it set all that it names, as what it says to clear may have been clear.</param>
/// <param name="IsUncertain">Whether the vectors may have another version than the fingerprint's.</param>
internal readonly record struct SummaryKnowledge(ulong? Fingerprint, long Bits, long BitsSetMax, bool IsUncertain = false)
{
    /// <summary>Whether so many more bits leave it a summary that says something.</summary>
    public bool HasRoomFor(long changes) => BitsSetMax + changes <= Bits * SummaryFilter.FillMax;

    /// <summary>What is known once the vectors have the news.</summary>
    public SummaryKnowledge After(SummaryNews news) => news switch
    {
        SummaryNews.Whole { Filter: var filter } => Of(filter),
        SummaryNews.Changes changes => new(changes.Result, Bits, BitsSetMax + changes.Count),
        SummaryNews.AsItWas => this,
        _ => default,
    };

    private static SummaryKnowledge Of(P2P.Bloom.PartitionedBloomFilter filter)
    {
        var bits = filter.Bits * filter.HashCount;
        return new(filter.ComputeFingerprint(), bits, (long)Math.Round(filter.FillRatio * bits));
    }
}
