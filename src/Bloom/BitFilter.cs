using P2P.Bloom.Bits;
using P2P.Bloom.Hashing;
using P2P.Bloom.Wire;

namespace P2P.Bloom;

/// <summary>
/// Is what the filters made of bits have in common: they unite and intersect, fold, tell what changed between two versions, and travel.
/// </summary>
/// <typeparam name="TSelf">The kind of filter.</typeparam>
public abstract class BitFilter<TSelf> : MembershipFilter
    where TSelf : BitFilter<TSelf>
{
    private protected BitFilter(in FilterShape shape, BloomHasher? hasher, ulong[]? words)
        : base(hasher)
    {
        Shape = shape;
        Words = words ?? new ulong[shape.Words];
    }

    /// <summary>Gives the length of the filter in bits; of a partitioned one, the length of each vector.</summary>
    public long Bits => Shape.Bits;

    /// <summary>Gives the number of hash functions.</summary>
    public int HashCount => Shape.HashCount;

    /// <inheritdoc/>
    public override long MemoryBytes => Words.LongLength * sizeof(ulong);

    /// <summary>Counts which fraction of the bits is set. At the filter's capacity it is about one half.</summary>
    public double FillRatio => (double)BitWords.Count(Words) / Shape.Cells;

    internal FilterShape Shape { get; }

    internal ulong[] Words { get; }

    // Blocks have a layout of their own, whatever the hasher.
    private bool IsFoldable => !Hasher.Locates || Shape.Kind == FilterKind.Blocked;

    /// <summary>
    /// Tells whether both filters combine: equal hashers and hash counts, and one length a multiple of the other. Where the hasher
    /// <see cref="BloomHasher.Locates"/>, lengths must be equal.
    /// </summary>
    public bool IsCompatibleWith(TSelf other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (Shape with { Bits = other.Bits }) == other.Shape
            && (Bits == other.Bits || (IsFoldable && (Bits % other.Bits == 0 || other.Bits % Bits == 0)));
    }

    /// <summary>
    /// Adds the other filter's elements to this one. The outcome is bit for bit the filter of both sets. A longer filter is folded first.
    /// Others may add and ask meanwhile.
    /// </summary>
    /// <exception cref="ArgumentException">The filters don't combine, or this one is longer; fold it to the other's length.</exception>
    public void UnionWith(TSelf other) => BitWords.Or(Words, WordsFitting(other));

    /// <summary>
    /// Keeps the bits that both filters have. The outcome holds every element that both hold, and has more false positives than a filter made
    /// of just those. A longer filter is folded first.
    /// </summary>
    /// <remarks>Needs this filter to itself: what is added meanwhile may get lost.</remarks>
    /// <exception cref="ArgumentException">The filters don't combine, or this one is longer; fold it to the other's length.</exception>
    public void IntersectWith(TSelf other) => BitWords.And(Words, WordsFitting(other));

    /// <summary>
    /// Tells whether all elements of this filter may be in the other one; false is certain. Of two lengths the longer filter is folded.
    /// </summary>
    /// <exception cref="ArgumentException">The filters don't combine.</exception>
    public bool MayBeSubsetOf(TSelf other)
    {
        var (left, right) = Align(other);
        return BitWords.IsSubset(left.Words, right.Words);
    }

    /// <inheritdoc/>
    public override double EstimateCount() => EstimateCount(BitWords.Count(Words));

    /// <summary>Estimates how many different elements both filters have together.</summary>
    /// <exception cref="ArgumentException">The filters don't combine.</exception>
    public double EstimateUnionCount(TSelf other)
    {
        var (left, right) = Align(other);
        return left.EstimateCount(BitWords.CountOfUnion(left.Words, right.Words));
    }

    /// <summary>
    /// Estimates how many elements are in both filters: the sum of both counts without that of the union. It is imprecise where little is
    /// common.
    /// </summary>
    /// <exception cref="ArgumentException">The filters don't combine.</exception>
    public double EstimateCommonCount(TSelf other)
    {
        var (left, right) = Align(other);
        var union = left.EstimateCount(BitWords.CountOfUnion(left.Words, right.Words));
        return double.IsPositiveInfinity(union) ? union : Math.Max(0, left.EstimateCount() + right.EstimateCount() - union);
    }

    /// <inheritdoc/>
    public override double EstimateFalsePositiveRate() => Math.Pow(FillRatio, Shape.Probes);

    /// <summary>
    /// Makes a shorter filter of the same elements: bit for bit the one that they would have filled, since position p of a filter is
    /// position ⌊p / f⌋ of one that is f times shorter.
    /// </summary>
    /// <param name="bits">The new length, of which the old one must be a multiple.</param>
    /// <exception cref="ArgumentException">The old length is not a multiple of the new one, or the hasher has positions of its own.</exception>
    public TSelf Fold(long bits)
    {
        if (bits < 1 || Bits % bits != 0)
        {
            throw new ArgumentException($"A filter of {Bits} bits does not fold to {bits}: that does not divide it.", nameof(bits));
        }

        if (bits == Bits)
        {
            return Snapshot();
        }

        if (!IsFoldable)
        {
            throw new ArgumentException($"Positions of {Hasher.Algorithm} in filters of different lengths have nothing in common.", nameof(bits));
        }

        var folded = Create(FilterShape.Of(Shape.Kind, bits, HashCount, Hasher, Shape.Vector), words: null);
        FoldInto(folded);
        return folded;
    }

    /// <summary>Copies the filter. The copy holds at least what had been added before the call.</summary>
    public TSelf Snapshot() => Create(Shape, [.. Words]);

    /// <summary>Identifies the filter's contents: filters of one shape and equal fingerprints hold the same bits.</summary>
    public ulong ComputeFingerprint() => BitWords.Fingerprint(Words);

    /// <summary>Computes what has to change in an older version for it to become this one.</summary>
    /// <param name="older">A filter with the same hasher and sizes, for instance an earlier <see cref="Snapshot"/>.</param>
    /// <exception cref="ArgumentException">The filters differ in hasher or size.</exception>
    public BloomDelta DeltaSince(TSelf older)
    {
        ArgumentNullException.ThrowIfNull(older);
        Shape.ThrowIfDifferent(older.Shape, nameof(older));
        return BloomDelta.Between(Shape, older.Words, [.. Words]);
    }

    /// <summary>
    /// Makes this filter the version that the delta leads to, if it isn't already. Elements that both versions hold are never denied meanwhile.
    /// </summary>
    /// <remarks>Needs this filter to itself but for readers.</remarks>
    /// <returns>False, and nothing changes, if the delta does not begin at this filter's contents or does not lead where it says.</returns>
    public bool TryApply(BloomDelta delta)
    {
        ArgumentNullException.ThrowIfNull(delta);
        var current = ComputeFingerprint();
        if (delta.Shape != Shape || delta.BaseFingerprint != current)
        {
            return delta.Shape == Shape && delta.ResultFingerprint == current;
        }

        var result = delta.ApplyTo([.. Words]);
        if (delta.ResultFingerprint != BitWords.Fingerprint(result))
        {
            return false;
        }

        BitWords.Or(Words, result);
        BitWords.And(Words, result);
        return true;
    }

    /// <inheritdoc/>
    public override void Clear() => Array.Clear(Words);

    internal sealed override IEncoding Encode() => new FilterEncoding(Shape, [.. Words]);

    /// <summary>Makes a filter of this kind and hasher.</summary>
    private protected abstract TSelf Create(in FilterShape shape, ulong[]? words);

    private protected virtual void FoldInto(TSelf target) => BitWords.Fold(Words, target.Words, Bits / target.Bits);

    /// <summary>Adds an element at the positions that the hasher gives it.</summary>
    /// <param name="hash">The element's hash.</param>
    /// <param name="stride">How many words lie between the beginnings of two functions' vectors; 0 if all have the same one.</param>
    private protected bool AddLocated(BloomHash hash, long stride)
    {
        Span<long> positions = stackalloc long[HashCount];
        Positions.Locate(Hasher, hash, Bits, positions);
        var changed = false;
        for (var index = 0; index < positions.Length; index++)
        {
            var position = positions[index];
            changed |= BitWords.SetShared(ref Words[index * stride + (position >> 6)], 1UL << (int)position);
        }

        return changed;
    }

    /// <summary>Asks for an element at the positions that the hasher gives it.</summary>
    /// <param name="hash">The element's hash.</param>
    /// <param name="stride">How many words lie between the beginnings of two functions' vectors; 0 if all have the same one.</param>
    private protected bool MayContainLocated(BloomHash hash, long stride)
    {
        Span<long> positions = stackalloc long[HashCount];
        Positions.Locate(Hasher, hash, Bits, positions);
        for (var index = 0; index < positions.Length; index++)
        {
            var position = positions[index];
            if ((Words[index * stride + (position >> 6)] & (1UL << (int)position)) == 0)
            {
                return false;
            }
        }

        return true;
    }

    // Each of n elements sets one of c/k bits in each of k parts, so the expected fill is 1 − e^(−nk/c).
    private double EstimateCount(long bitsSet) => -(double)Shape.Cells / Shape.Probes * Accurate.LogOnePlus(-(double)bitsSet / Shape.Cells);

    private ulong[] WordsFitting(TSelf other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!IsCompatibleWith(other))
        {
            Shape.ThrowIfDifferent(other.Shape, nameof(other));
        }

        if (other.Bits < Bits)
        {
            throw new ArgumentException($"This filter has {Bits} bits, the other one {other.Bits}: fold this one to that length first.", nameof(other));
        }

        return (other.Bits == Bits ? other : other.Fold(Bits)).Words;
    }

    private (TSelf Left, TSelf Right) Align(TSelf other)
    {
        if (!IsCompatibleWith(other))
        {
            Shape.ThrowIfDifferent(other.Shape, nameof(other));
        }

        return (Bits > other.Bits ? Fold(other.Bits) : (TSelf)this, other.Bits > Bits ? other.Fold(Bits) : other);
    }
}
