using P2P.Bloom.Bits;
using P2P.Bloom.Hashing;
using P2P.Bloom.Wire;

namespace P2P.Bloom;

/// <summary>Is the classic filter: k hash functions set bits of one vector of m bits (Bloom 1970).</summary>
/// <remarks>
/// Any number of threads may add, ask, unite into it and take snapshots at the same time, without locks; additions are atomic ors.
/// Intersecting, applying deltas and clearing need the filter to themselves but for readers.
/// </remarks>
public sealed class BloomFilter : BitFilter<BloomFilter>
{
    private readonly bool _locates;

    /// <summary>Creates an empty filter of explicit sizes.</summary>
    /// <param name="parameters">The sizes.</param>
    /// <param name="hasher">Hashes the elements; <see cref="BloomHasher.Default"/> if null.</param>
    public BloomFilter(BloomParameters parameters, BloomHasher? hasher = null)
        : this(FilterShape.Of(FilterKind.Classic, parameters.Bits, parameters.HashCount, hasher), hasher, words: null)
    {
    }

    internal BloomFilter(in FilterShape shape, BloomHasher? hasher, ulong[]? words)
        : base(shape, hasher, words) => _locates = Hasher.Locates;

    /// <summary>
    /// Creates an empty filter for a number of elements and a rate of false positives, with at most as many hash functions as the hasher supplies.
    /// </summary>
    /// <param name="capacity">How many elements the filter will hold; 1 at least.</param>
    /// <param name="falsePositiveRate">The rate at that capacity, above 0 and below 1.</param>
    /// <param name="hasher">Hashes the elements; <see cref="BloomHasher.Default"/> if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range, or too many bits would be needed.</exception>
    public static BloomFilter ForCapacity(long capacity, double falsePositiveRate, BloomHasher? hasher = null) =>
        new(BloomParameters.ForCapacity(capacity, falsePositiveRate, hasher), hasher);

    /// <inheritdoc/>
    public override bool Add(BloomHash hash)
    {
        if (_locates)
        {
            return AddLocated(hash, stride: 0);
        }

        var words = Words;
        var length = (ulong)Bits;
        var probe = new ProbeSequence(hash);
        var changed = false;
        for (var rest = HashCount; rest > 0; rest--)
        {
            var position = probe.Next(length);
            changed |= BitWords.SetShared(ref words[position >> 6], 1UL << (int)position);
        }

        return changed;
    }

    /// <inheritdoc/>
    public override bool AddUnshared(BloomHash hash)
    {
        if (_locates)
        {
            return AddLocated(hash, stride: 0);
        }

        var words = Words;
        var length = (ulong)Bits;
        var probe = new ProbeSequence(hash);
        var changed = false;
        for (var rest = HashCount; rest > 0; rest--)
        {
            var position = probe.Next(length);
            changed |= BitWords.SetUnshared(ref words[position >> 6], 1UL << (int)position);
        }

        return changed;
    }

    /// <inheritdoc/>
    public override bool MayContain(BloomHash hash)
    {
        if (_locates)
        {
            return MayContainLocated(hash, stride: 0);
        }

        var words = Words;
        var length = (ulong)Bits;
        var probe = new ProbeSequence(hash);
        for (var rest = HashCount; rest > 0; rest--)
        {
            var position = probe.Next(length);
            if ((words[position >> 6] & (1UL << (int)position)) == 0)
            {
                return false;
            }
        }

        return true;
    }

    private protected override BloomFilter Create(in FilterShape shape, ulong[]? words) => new(shape, Hasher, words);
}
