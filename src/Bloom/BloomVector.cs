using P2P.Bloom.Bits;
using P2P.Bloom.Hashing;
using P2P.Bloom.Wire;

namespace P2P.Bloom;

/// <summary>Is one vector of a <see cref="PartitionedBloomFilter"/>, which travels and can be asked alone, with more false positives.</summary>
/// <remarks>
/// Any number of threads may add, ask, unite into it and take snapshots at the same time, without locks; additions are atomic ors.
/// Intersecting, applying deltas and clearing need the vector to themselves but for readers.
/// </remarks>
public sealed class BloomVector : BitFilter<BloomVector>
{
    internal BloomVector(in FilterShape shape, BloomHasher? hasher, ulong[]? words)
        : base(shape, hasher, words)
    {
    }

    /// <summary>Gives the index of the vector and of its hash function in the filter that it comes from.</summary>
    public int Index => Shape.Vector;

    /// <inheritdoc/>
    public override bool Add(BloomHash hash)
    {
        var position = Locate(hash);
        return BitWords.SetShared(ref Words[position >> 6], 1UL << (int)position);
    }

    /// <inheritdoc/>
    public override bool MayContain(BloomHash hash)
    {
        var position = Locate(hash);
        return (Words[position >> 6] & (1UL << (int)position)) != 0;
    }

    private protected override BloomVector Create(in FilterShape shape, ulong[]? words) => new(shape, Hasher, words);

    private long Locate(BloomHash hash)
    {
        if (Hasher.Locates)
        {
            Span<long> positions = stackalloc long[HashCount];
            Positions.Locate(Hasher, hash, Bits, positions);
            return positions[Index];
        }

        var probe = new ProbeSequence(hash);
        probe.Skip(Index);
        return (long)probe.Next((ulong)Bits);
    }
}
