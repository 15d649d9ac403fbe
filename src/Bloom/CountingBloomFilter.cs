using System.Runtime.CompilerServices;
using P2P.Bloom.Bits;
using P2P.Bloom.Hashing;
using P2P.Bloom.Wire;

namespace P2P.Bloom;

/// <summary>
/// Forgets elements, too: each position has a counter of four bits instead of a bit (Fan et al., Summary Cache). It makes the plain filter that
/// travels; four times its memory stay at home.
/// </summary>
/// <remarks>
/// <para>
/// Any number of threads may add, remove and ask at the same time, without locks; counters are changed atomically. Whoever removes must know
/// that the element was added, and not yet removed as often: removing others may make the filter deny elements that it holds.
/// </para>
/// <para>A counter that reaches 15 stays there: its elements can't be forgotten any more, and none is ever denied for it.</para>
/// <para>Uniting and clearing need the filter to themselves.</para>
/// </remarks>
public sealed class CountingBloomFilter : MembershipFilter
{
    private const ulong LowBits = 0x1111111111111111;

    /// <summary>Creates an empty filter of explicit sizes.</summary>
    /// <param name="parameters">The number of counters, at most 2³⁴, and of hash functions.</param>
    /// <param name="hasher">Hashes the elements; <see cref="BloomHasher.Default"/> if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">There would be too many counters.</exception>
    public CountingBloomFilter(BloomParameters parameters, BloomHasher? hasher = null)
        : this(FilterShape.Of(FilterKind.Counting, parameters.Bits, parameters.HashCount, hasher), hasher, words: null)
    {
    }

    internal CountingBloomFilter(in FilterShape shape, BloomHasher? hasher, ulong[]? words)
        : base(hasher)
    {
        Shape = shape;
        Words = words ?? new ulong[shape.Words];
    }

    /// <summary>
    /// Creates an empty filter for a number of elements and a rate of false positives, with at most as many hash functions as the hasher supplies.
    /// </summary>
    /// <param name="capacity">How many elements the filter will hold; 1 at least.</param>
    /// <param name="falsePositiveRate">The rate at that capacity, above 0 and below 1.</param>
    /// <param name="hasher">Hashes the elements; <see cref="BloomHasher.Default"/> if null.</param>
    public static CountingBloomFilter ForCapacity(long capacity, double falsePositiveRate, BloomHasher? hasher = null) =>
        new(BloomParameters.ForCapacity(capacity, falsePositiveRate, hasher), hasher);

    /// <summary>Gives the number of counters.</summary>
    public long Bits => Shape.Bits;

    /// <summary>Gives the number of hash functions.</summary>
    public int HashCount => Shape.HashCount;

    /// <inheritdoc/>
    public override long MemoryBytes => Words.LongLength * sizeof(ulong);

    /// <summary>Counts which fraction of the counters is not zero.</summary>
    public double FillRatio => (double)CountNonZero() / Bits;

    internal FilterShape Shape { get; }

    internal ulong[] Words { get; }

    /// <inheritdoc/>
    /// <returns>True if a counter was zero, so that the element was certainly new to it.</returns>
    public override bool Add(BloomHash hash)
    {
        Span<long> positions = stackalloc long[HashCount];
        Locate(hash, positions);
        var changed = false;
        foreach (var position in positions)
        {
            changed |= Counters.Increment(ref Words[position >> 4], position) == 0;
        }

        return changed;
    }

    /// <summary>Forgets an element that was added, by its hash.</summary>
    /// <returns>False, and nothing changes, if the filter certainly does not hold it.</returns>
    public bool Remove(BloomHash hash)
    {
        Span<long> positions = stackalloc long[HashCount];
        Locate(hash, positions);
        if (!AreSet(positions))
        {
            return false;
        }

        foreach (var position in positions)
        {
            Counters.Decrement(ref Words[position >> 4], position);
        }

        return true;
    }

    /// <summary>Forgets an element that was added.</summary>
    /// <returns>False, and nothing changes, if the filter certainly does not hold it.</returns>
    public bool Remove(ReadOnlySpan<byte> element) => Remove(Hasher.Hash(element));

    /// <summary>Forgets a text that was added.</summary>
    /// <returns>False, and nothing changes, if the filter certainly does not hold it.</returns>
    public bool Remove(ReadOnlySpan<char> element) => Remove(Hasher.Hash(element));

    /// <summary>Forgets a number that was added.</summary>
    /// <returns>False, and nothing changes, if the filter certainly does not hold it.</returns>
    public bool Remove(long element) => Remove(Hasher.Hash(element));

    /// <summary>Forgets a number that was added.</summary>
    /// <returns>False, and nothing changes, if the filter certainly does not hold it.</returns>
    public bool Remove(ulong element) => Remove(Hasher.Hash(element));

    /// <summary>Forgets a number that was added.</summary>
    /// <returns>False, and nothing changes, if the filter certainly does not hold it.</returns>
    [OverloadResolutionPriority(-1)]
    public bool Remove(UInt128 element) => Remove(Hasher.Hash(element));

    /// <inheritdoc/>
    public override bool MayContain(BloomHash hash)
    {
        if (Hasher.Locates)
        {
            Span<long> positions = stackalloc long[HashCount];
            Locate(hash, positions);
            return AreSet(positions);
        }

        var words = Words;
        var length = (ulong)Bits;
        var probe = new ProbeSequence(hash);
        for (var rest = HashCount; rest > 0; rest--)
        {
            var position = (long)probe.Next(length);
            if (Counters.Read(words[position >> 4], position) == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Adds the counters of a filter with the same hasher and sizes: what was in both is then there twice.</summary>
    /// <remarks>Needs both filters to itself.</remarks>
    /// <exception cref="ArgumentException">The filters differ in hasher or size.</exception>
    public void UnionWith(CountingBloomFilter other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Shape.ThrowIfDifferent(other.Shape, nameof(other));
        for (var index = 0; index < Words.Length; index++)
        {
            Words[index] = Counters.Sum(Words[index], other.Words[index]);
        }
    }

    /// <summary>Makes a shorter filter of the same elements. See <see cref="BitFilter{TSelf}.Fold"/>.</summary>
    /// <param name="bits">The new number of counters, of which the old one must be a multiple.</param>
    /// <exception cref="ArgumentException">The old number is not a multiple of the new one, or the hasher has positions of its own.</exception>
    public CountingBloomFilter Fold(long bits)
    {
        if (bits < 1 || Bits % bits != 0 || Hasher.Locates)
        {
            throw new ArgumentException($"A filter of {Bits} counters, hashed by {Hasher.Algorithm}, does not fold to {bits}.", nameof(bits));
        }

        var factor = Bits / bits;
        var folded = new CountingBloomFilter(new BloomParameters(bits, HashCount), Hasher);
        for (var position = 0L; position < Bits; position++)
        {
            var count = Counters.Read(Words[position >> 4], position);
            ref var target = ref folded.Words[position / factor >> 4];
            target = Counters.Sum(target, count << Counters.ShiftOf(position / factor));
        }

        return folded;
    }

    /// <summary>Copies the filter. The copy holds at least what had been added before the call.</summary>
    public CountingBloomFilter Snapshot() => new(Shape, Hasher, [.. Words]);

    /// <summary>Makes the plain filter with the same elements, sizes and hasher: the one to send.</summary>
    public BloomFilter ToBloomFilter()
    {
        var filter = new BloomFilter(new BloomParameters(Bits, HashCount), Hasher);
        for (var position = 0L; position < Bits; position++)
        {
            if (Counters.Read(Words[position >> 4], position) != 0)
            {
                filter.Words[position >> 6] |= 1UL << (int)position;
            }
        }

        return filter;
    }

    /// <inheritdoc/>
    public override double EstimateCount() => -(double)Bits / HashCount * Accurate.LogOnePlus(-FillRatio);

    /// <inheritdoc/>
    public override double EstimateFalsePositiveRate() => Math.Pow(FillRatio, HashCount);

    /// <inheritdoc/>
    public override void Clear() => Array.Clear(Words);

    internal override IEncoding Encode() => new FilterEncoding(Shape, [.. Words]);

    private void Locate(BloomHash hash, Span<long> positions)
    {
        if (Hasher.Locates)
        {
            Positions.Locate(Hasher, hash, Bits, positions);
            return;
        }

        var probe = new ProbeSequence(hash);
        foreach (ref var position in positions)
        {
            position = (long)probe.Next((ulong)Bits);
        }
    }

    private bool AreSet(ReadOnlySpan<long> positions)
    {
        foreach (var position in positions)
        {
            if (Counters.Read(Words[position >> 4], position) == 0)
            {
                return false;
            }
        }

        return true;
    }

    private long CountNonZero()
    {
        var count = 0L;
        foreach (var word in Words)
        {
            count += System.Numerics.BitOperations.PopCount((word | (word >> 1) | (word >> 2) | (word >> 3)) & LowBits);
        }

        return count;
    }
}
