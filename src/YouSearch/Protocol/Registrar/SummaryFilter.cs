using P2P.Bloom;

namespace P2P.YouSearch.Protocol;

/// <summary>Says which form summaries have, so that all of them enter one matrix.</summary>
internal static class SummaryFilter
{
    /// <summary>The number k of vectors.</summary>
    public const int Vectors = 3;

    /// <summary>How long the vectors of a summary are at least.</summary>
    public const long BitsMin = 1 << 10;

    /// <summary>How long they are at most.</summary>
    public const long BitsMax = 1 << 20;

    /// <summary>The fraction of its bits that a summary may have set: a filter for its number of terms has one half, and one with all of them would be named for everything.</summary>
    public const double FillMax = 0.6;

    private const double FillAim = 0.5;

    /// <summary>Leads from a term, a 64-bit hash already, to its places.</summary>
    public static BloomHash HashOf(ulong term) => BloomHash.FromUInt64(term);

    /// <summary>Makes the summary of some terms, of a length that fits their number. Null where there are none, as nobody is to be asked then.</summary>
    public static PartitionedBloomFilter? Of(IReadOnlyCollection<ulong> terms)
    {
        if (terms.Count == 0)
        {
            return null;
        }

        var filter = new PartitionedBloomFilter(BitsFor(terms.Count), Vectors);
        foreach (var term in terms)
        {
            filter.AddUnshared(HashOf(term));
        }

        return filter;
    }

    /// <summary>Says how long the vectors are for a number of terms. More terms than fit the longest make it fuller than registrars take.</summary>
    public static long BitsFor(long terms)
    {
        var bits = BitsMin;
        while (bits < BitsMax && FillOf(terms, bits) > FillAim)
        {
            bits <<= 1;
        }

        return bits;
    }

    /// <summary>Says what is wrong with a summary; null if nothing is.</summary>
    public static string? FaultOf(PartitionedBloomFilter filter)
    {
        if (filter.HashCount != Vectors || !filter.Hasher.Equals(BloomHasher.Default) || filter.Bits is < BitsMin or > BitsMax || !long.IsPow2(filter.Bits))
        {
            return $"A summary has {Vectors} vectors of {BitsMin} to {BitsMax} bits, a power of two, and the usual hash function.";
        }

        return filter.FillRatio > FillMax ? $"The summary has more than {FillMax:P0} of its bits set, and would be named for whatever anybody looks for. Make it longer, or register fewer words." : null;
    }

    private static double FillOf(long terms, long bits) => 1 - Math.Exp(-(double)terms / bits);
}
