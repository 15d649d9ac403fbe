using System.Numerics;
using P2P.Bloom.Bits;
using P2P.Bloom.Hashing;
using P2P.Bloom.Wire;

namespace P2P.Bloom;

/// <summary>
/// Has a vector of its own for each hash function, so that each can travel, and be asked, alone: k registrars hold a vector each of all
/// peers (YouSearch). A <see cref="BloomFilterMatrix{TOwner}"/> holds a great many of them.
/// </summary>
/// <remarks>
/// Any number of threads may add, ask, unite into it and take snapshots at the same time, without locks; additions are atomic ors.
/// Intersecting, applying deltas and clearing need the filter to themselves but for readers.
/// </remarks>
public sealed class PartitionedBloomFilter : BitFilter<PartitionedBloomFilter>
{
    private readonly bool _locates;
    private readonly long _vectorWords;

    /// <summary>Creates an empty filter of explicit sizes.</summary>
    /// <param name="bits">The length of each vector; powers of two fold well, and enter a <see cref="BloomFilterMatrix{TOwner}"/>.</param>
    /// <param name="hashCount">The number of vectors and hash functions, from 1 to 64.</param>
    /// <param name="hasher">Hashes the elements; <see cref="BloomHasher.Default"/> if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range.</exception>
    public PartitionedBloomFilter(long bits, int hashCount, BloomHasher? hasher = null)
        : this(FilterShape.Of(FilterKind.Partitioned, bits, hashCount, hasher), hasher, words: null)
    {
    }

    internal PartitionedBloomFilter(in FilterShape shape, BloomHasher? hasher, ulong[]? words)
        : base(shape, hasher, words)
    {
        _vectorWords = shape.VectorWords;
        _locates = Hasher.Locates;
    }

    /// <summary>
    /// Creates an empty filter for a number of elements and a rate of false positives. The length of each vector,
    /// −n / ln(1 − p^(1/k)), is rounded up to a power of two, so that filters of all sizes fold to each other's.
    /// </summary>
    /// <param name="capacity">How many elements n the filter will hold; 1 at least.</param>
    /// <param name="falsePositiveRate">The rate p at that capacity, above 0 and below 1.</param>
    /// <param name="hashCount">The number k of vectors. log₂ 1/p need the fewest bits; fewer vectors make queries faster.</param>
    /// <param name="hasher">Hashes the elements; <see cref="BloomHasher.Default"/> if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static PartitionedBloomFilter ForCapacity(long capacity, double falsePositiveRate, int hashCount = 3, BloomHasher? hasher = null) =>
        new(BloomParameters.VectorBitsFor(capacity, falsePositiveRate, hashCount), hashCount, hasher);

    /// <summary>Puts vectors that came alone together again.</summary>
    /// <param name="vectors">All vectors of one filter, in any order.</param>
    /// <exception cref="ArgumentException">The vectors are not those of one filter, each once.</exception>
    public static PartitionedBloomFilter FromVectors(params ReadOnlySpan<BloomVector> vectors)
    {
        if (vectors.IsEmpty || vectors[0].HashCount != vectors.Length)
        {
            throw new ArgumentException("A filter consists of as many vectors as it has hash functions.", nameof(vectors));
        }

        var seen = 0UL;
        foreach (var vector in vectors)
        {
            vectors[0].Shape.ThrowIfDifferent(vector.Shape with { Vector = vectors[0].Index }, nameof(vectors));
            seen |= 1UL << vector.Index;
        }

        if (BitOperations.PopCount(seen) != vectors.Length)
        {
            throw new ArgumentException("One of the vectors is there twice.", nameof(vectors));
        }

        // Only now: one long vector among short ones justifies no memory for k long ones.
        var filter = new PartitionedBloomFilter(vectors[0].Bits, vectors[0].HashCount, vectors[0].Hasher);
        foreach (var vector in vectors)
        {
            vector.Words.CopyTo(filter.VectorWords(vector.Index));
        }

        return filter;
    }

    /// <inheritdoc/>
    public override bool Add(BloomHash hash)
    {
        if (_locates)
        {
            return AddLocated(hash, _vectorWords);
        }

        var words = Words;
        var length = (ulong)Bits;
        var probe = new ProbeSequence(hash);
        var changed = false;
        for (var start = 0L; start < words.LongLength; start += _vectorWords)
        {
            var position = probe.Next(length);
            changed |= BitWords.SetShared(ref words[start + (long)(position >> 6)], 1UL << (int)position);
        }

        return changed;
    }

    /// <inheritdoc/>
    public override bool AddUnshared(BloomHash hash)
    {
        if (_locates)
        {
            return AddLocated(hash, _vectorWords);
        }

        var words = Words;
        var length = (ulong)Bits;
        var probe = new ProbeSequence(hash);
        var changed = false;
        for (var start = 0L; start < words.LongLength; start += _vectorWords)
        {
            var position = probe.Next(length);
            changed |= BitWords.SetUnshared(ref words[start + (long)(position >> 6)], 1UL << (int)position);
        }

        return changed;
    }

    /// <inheritdoc/>
    public override bool MayContain(BloomHash hash)
    {
        if (_locates)
        {
            return MayContainLocated(hash, _vectorWords);
        }

        var words = Words;
        var length = (ulong)Bits;
        var probe = new ProbeSequence(hash);
        for (var start = 0L; start < words.LongLength; start += _vectorWords)
        {
            var position = probe.Next(length);
            if ((words[start + (long)(position >> 6)] & (1UL << (int)position)) == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Copies one of the vectors, to travel alone.</summary>
    /// <param name="index">Which one, from 0 to k − 1.</param>
    public BloomVector Vector(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, HashCount);
        return new BloomVector(Shape with { Kind = FilterKind.Vector, Vector = index }, Hasher, VectorWords(index).ToArray());
    }

    /// <inheritdoc/>
    public override double EstimateFalsePositiveRate()
    {
        var rate = 1.0;
        for (var index = 0; index < HashCount; index++)
        {
            rate *= (double)BitWords.Count(VectorWords(index)) / Bits;
        }

        return rate;
    }

    internal Span<ulong> VectorWords(int index) => Words.AsSpan((int)(index * _vectorWords), (int)_vectorWords);

    private protected override PartitionedBloomFilter Create(in FilterShape shape, ulong[]? words) => new(shape, Hasher, words);

    private protected override void FoldInto(PartitionedBloomFilter target)
    {
        for (var index = 0; index < HashCount; index++)
        {
            BitWords.Fold(VectorWords(index), target.VectorWords(index), Bits / target.Bits);
        }
    }
}
