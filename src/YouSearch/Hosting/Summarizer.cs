using P2P.Bloom;

namespace P2P.YouSearch.Hosting;

/// <summary>Makes the summary of an index: a partitioned Bloom filter of its terms, whose size follows their number.</summary>
internal static class Summarizer
{
    /// <summary>How many vectors, and hash functions, a summary has, so that three registrars can share the work.</summary>
    public const int Vectors = 3;

    /// <summary>The shortest vector: a site of some pages takes 384 bytes, and tells by its size nothing about how few they are.</summary>
    public const long BitsMin = 1024;

    /// <summary>The longest vector: beyond it a site with more than about 110,000 terms is named in vain more often.</summary>
    public const long BitsMax = 1L << 20;

    /// <summary>How often a site may be asked in vain for a word that it does not have. Most words are at few sites, so that of many sites even few in a thousand are a large part of those who are asked for one.</summary>
    private const double FalsePositiveRate = 0.001;

    /// <summary>While this much of the bits is set the size stays, so that the difference to the summary before is small; both ends are far enough from what a new one has.</summary>
    private const double FillMin = 0.025;
    private const double FillMax = 0.15;

    /// <summary>Summarizes terms.</summary>
    /// <param name="terms">Hashes of terms, each once.</param>
    /// <param name="before">The summary before, whose size is kept where it suits; null without one.</param>
    /// <returns>The summary; null without terms.</returns>
    public static PartitionedBloomFilter? Summarize(IReadOnlySet<ulong> terms, PartitionedBloomFilter? before)
    {
        if (terms.Count == 0)
        {
            return null;
        }

        var fitting = Math.Clamp(PartitionedBloomFilter.ForCapacity(terms.Count, FalsePositiveRate, Vectors).Bits, BitsMin, BitsMax);
        if (before is not null && before.Bits != fitting && Fill(terms, before.Bits) is var filter && filter.FillRatio is >= FillMin and <= FillMax)
        {
            return filter;
        }

        return Fill(terms, fitting);
    }

    private static PartitionedBloomFilter Fill(IReadOnlySet<ulong> terms, long bits)
    {
        var filter = new PartitionedBloomFilter(bits, Vectors);
        foreach (var term in terms)
        {
            filter.AddUnshared(BloomHash.FromUInt64(term));
        }

        return filter;
    }
}
