namespace P2P.Bloom.Wire;

/// <summary>Says all about a filter but its contents. Filters of equal shapes combine word by word.</summary>
/// <param name="Kind">The kind of filter.</param>
/// <param name="Bits">The length of the vector, of each vector, or the number of counters.</param>
/// <param name="HashCount">The number of hash functions; with a single vector, that of the filter that it comes from.</param>
/// <param name="Vector">Which of the vectors it is; 0 unless the kind is a vector.</param>
/// <param name="Algorithm">The hash function.</param>
/// <param name="Fingerprint">What tells hashers of the algorithm apart.</param>
internal readonly record struct FilterShape(
    FilterKind Kind, long Bits, int HashCount, int Vector, BloomHashAlgorithm Algorithm, ulong Fingerprint)
{
    public const int CounterBits = 4;
    public const int BlockBits = 256;
    public const int BlockHashCount = 8;

    /// <summary>The words of one vector.</summary>
    public long VectorWords => ((Kind == FilterKind.Counting ? Bits * CounterBits : Bits) + 63) >> 6;

    /// <summary>All words of the filter.</summary>
    public long Words => Kind == FilterKind.Partitioned ? VectorWords * HashCount : VectorWords;

    /// <summary>The bits that can be set, without the padding of the last words.</summary>
    public long Cells => Kind == FilterKind.Partitioned ? Bits * HashCount : Bits;

    /// <summary>The positions that an element sets.</summary>
    public int Probes => Kind == FilterKind.Vector ? 1 : HashCount;

    public static FilterShape Of(FilterKind kind, long bits, int hashCount, BloomHasher? hasher, int vector = 0)
    {
        hasher ??= BloomHasher.Default;
        if (hashCount > hasher.HashCountMax && kind != FilterKind.Blocked)
        {
            throw new ArgumentOutOfRangeException(
                nameof(hashCount), hashCount, $"{hasher.Algorithm} supplies {hasher.HashCountMax} hash functions at most.");
        }

        var shape = new FilterShape(kind, bits, hashCount, vector, hasher.Algorithm, hasher.Fingerprint);
        return shape.FindFault() is { } fault ? throw new ArgumentOutOfRangeException(nameof(bits), bits, fault) : shape;
    }

    /// <summary>Says what no filter can be, or null.</summary>
    public string? FindFault()
    {
        if (Bits is < 1 or > BloomParameters.BitsMax || HashCount is < 1 or > BloomParameters.HashCountMax)
        {
            return $"A filter has from 1 to {BloomParameters.BitsMax} bits and from 1 to {BloomParameters.HashCountMax} hash functions.";
        }

        if (Words > BloomParameters.BitsMax >> 6)
        {
            return $"The filter would take more than {BloomParameters.BitsMax} bits of memory.";
        }

        if (Kind == FilterKind.Blocked && (Bits % BlockBits != 0 || HashCount != BlockHashCount))
        {
            return "A split block filter has blocks of 256 bits and 8 hash functions.";
        }

        return Vector != 0 && (Kind != FilterKind.Vector || Vector >= HashCount) ? "There is no such vector." : null;
    }

    /// <summary>Tells whether words of this shape have bits set where no element could have set them.</summary>
    public bool HasBitsBeyond(ReadOnlySpan<ulong> words)
    {
        var used = (int)((Kind == FilterKind.Counting ? Bits * CounterBits : Bits) & 63);
        if (used == 0)
        {
            return false;
        }

        for (var last = VectorWords - 1; last < words.Length; last += VectorWords)
        {
            if (words[(int)last] >> used != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Refuses an argument whose shape is another.</summary>
    /// <param name="other">The argument's shape.</param>
    /// <param name="argument">The argument's name.</param>
    public void ThrowIfDifferent(in FilterShape other, string argument)
    {
        if (this != other)
        {
            throw new ArgumentException($"Kind, hasher and sizes must be equal. One filter is {this}; the other is {other}.", argument);
        }
    }

    /// <summary>Says in messages what the filter is.</summary>
    public override string ToString() =>
        $"{Kind}, {Bits} bits, {HashCount} functions of {Algorithm}, fingerprint {Fingerprint:x16}{(Kind == FilterKind.Vector ? $", vector {Vector}" : "")}";
}
