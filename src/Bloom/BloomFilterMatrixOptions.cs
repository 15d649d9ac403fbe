namespace P2P.Bloom;

/// <summary>Says which filters a <see cref="BloomFilterMatrix{TOwner}"/> holds, and how much memory it may take.</summary>
public sealed record BloomFilterMatrixOptions
{
    private const long RowsMax = 1L << 30;

    /// <summary>Gives the number k of vectors of each owner's filter, from 1 to 64. Default: 3.</summary>
    public int HashCount { get; init; } = 3;

    /// <summary>Gives the hasher of all filters; one that <see cref="BloomHasher.Locates"/> is refused. Default: <see cref="BloomHasher.Default"/>.</summary>
    public BloomHasher Hasher { get; init; } = BloomHasher.Default;

    /// <summary>
    /// Gives the one vector that this matrix holds, where k of them share the work; null, the default, holds all. The owners to ask are then
    /// those that each of the k matrices names.
    /// </summary>
    public int? Vector { get; init; }

    /// <summary>
    /// Gives the length of a vector, a power of two up to 2³⁰ / k, above which filters are folded to it. Default: 2²⁰. More takes more memory for owners with
    /// large filters, less makes them false candidates more often.
    /// </summary>
    public long BitsMax { get; init; } = 1L << 20;

    /// <summary>
    /// Gives the bytes of memory that the bits and the lists of owners may take. Default: 1 GiB. At the bound, new owners and larger filters are
    /// refused. An owner takes k times the length of its vectors, and about 150 bytes besides what names it. Room is made for 64 owners of a
    /// length, then for twice as many, from 2,048 on for 2,048 more, or a quarter if that is more.
    /// </summary>
    public long MemoryMax { get; init; } = 1L << 30;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(HashCount, 1, nameof(HashCount));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(HashCount, BloomParameters.HashCountMax, nameof(HashCount));
        ArgumentNullException.ThrowIfNull(Hasher);
        ArgumentOutOfRangeException.ThrowIfNegative(MemoryMax, nameof(MemoryMax));
        if (Hasher.Locates)
        {
            throw new ArgumentException($"Positions of {Hasher.Algorithm} differ from length to length, so its filters don't enter a matrix.");
        }

        if (Vector < 0 || Vector >= HashCount)
        {
            throw new ArgumentOutOfRangeException(nameof(Vector), Vector, $"There are {HashCount} vectors, counted from 0.");
        }

        if (!long.IsPow2(BitsMax) || BitsMax > RowsMax / HashCount)
        {
            throw new ArgumentOutOfRangeException(nameof(BitsMax), BitsMax, $"The length is a power of two, at most 2³⁰ / {HashCount}.");
        }
    }
}
