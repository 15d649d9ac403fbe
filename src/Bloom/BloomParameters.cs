using P2P.Bloom.Bits;

namespace P2P.Bloom;

/// <summary>Says how large a filter is and how many hash functions it has.</summary>
public readonly record struct BloomParameters
{
    /// <summary>The largest number of bits of any filter: 2³⁶, which take 8 GiB.</summary>
    public const long BitsMax = 1L << 36;

    /// <summary>The largest number of hash functions of any filter.</summary>
    public const int HashCountMax = 64;

    /// <summary>Takes explicit sizes.</summary>
    /// <param name="bits">The length m of the bit vector, from 1 to <see cref="BitsMax"/>.</param>
    /// <param name="hashCount">The number k of hash functions, from 1 to <see cref="HashCountMax"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range.</exception>
    public BloomParameters(long bits, int hashCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, BitsMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(hashCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hashCount, HashCountMax);
        Bits = bits;
        HashCount = hashCount;
    }

    /// <summary>Gives the length m of the bit vector.</summary>
    public long Bits { get; }

    /// <summary>Gives the number k of hash functions.</summary>
    public int HashCount { get; }

    /// <summary>
    /// Computes the smallest sizes for which a filter with this many elements has at most this rate of false positives:
    /// k = ⌈log₂ 1/p⌉ or the integer below, whichever needs fewer bits, and m = −k · n / ln(1 − p^(1/k)).
    /// </summary>
    /// <param name="capacity">How many elements n the filter will hold; 1 at least.</param>
    /// <param name="falsePositiveRate">The rate p at that capacity, above 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range, or more than <see cref="BitsMax"/> would be needed.</exception>
    public static BloomParameters ForCapacity(long capacity, double falsePositiveRate) => ForCapacity(capacity, falsePositiveRate, hasher: null);

    /// <summary>Rounds the length up to a power of two, so that the filter folds down to any smaller one.</summary>
    public BloomParameters ToFoldable() => new(RoundUpToPowerOfTwo(Bits), HashCount);

    /// <summary>Computes the rate of false positives that theory expects with this many elements: (1 − (1 − 1/m)^(k·n))^k.</summary>
    /// <param name="count">How many different elements the filter holds.</param>
    public double FalsePositiveRate(double count) => Math.Pow(-Accurate.ExpMinusOne(count * HashCount * Accurate.LogOnePlus(-1.0 / Bits)), HashCount);

    /// <summary>Computes the smallest sizes with as many hash functions as a hasher supplies.</summary>
    internal static BloomParameters ForCapacity(long capacity, double falsePositiveRate, BloomHasher? hasher)
    {
        CheckTarget(capacity, falsePositiveRate);
        var hashCountMax = Math.Clamp(hasher?.HashCountMax ?? HashCountMax, 1, HashCountMax);
        var ideal = Math.Log2(1 / falsePositiveRate);
        var (below, above) = (Math.Clamp((int)ideal, 1, hashCountMax), Math.Clamp((int)ideal + 1, 1, hashCountMax));
        var (bitsBelow, bitsAbove) = (BitsFor(capacity, falsePositiveRate, below), BitsFor(capacity, falsePositiveRate, above));
        var (bits, hashCount) = bitsBelow <= bitsAbove ? (bitsBelow, below) : (bitsAbove, above);
        return new BloomParameters(CheckedBits(bits, capacity), hashCount);
    }

    /// <summary>Computes the length of each of k vectors of a partitioned filter.</summary>
    internal static long VectorBitsFor(long capacity, double falsePositiveRate, int hashCount)
    {
        CheckTarget(capacity, falsePositiveRate);
        ArgumentOutOfRangeException.ThrowIfLessThan(hashCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hashCount, HashCountMax);
        return RoundUpToPowerOfTwo(CheckedBits(BitsFor(capacity, falsePositiveRate, hashCount), capacity) / hashCount);
    }

    internal static void CheckTarget(long capacity, double falsePositiveRate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        if (!(falsePositiveRate is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(falsePositiveRate), falsePositiveRate, "A rate of false positives lies above 0 and below 1.");
        }
    }

    internal static long CheckedBits(double bits, long capacity) =>
        bits <= BitsMax
            ? Math.Max(1, (long)Math.Ceiling(bits))
            : throw new ArgumentOutOfRangeException(nameof(capacity), capacity, $"The filter would need more than {BitsMax} bits.");

    private static double BitsFor(long capacity, double falsePositiveRate, int hashCount) =>
        -(double)hashCount * capacity / Accurate.LogOnePlus(-Math.Pow(falsePositiveRate, 1.0 / hashCount));

    private static long RoundUpToPowerOfTwo(long bits) => (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)bits);
}
