namespace P2P.Past;

/// <summary>
/// Tells how content of a given length is cut: into leaves of 256 KiB, which are hashed, and segments of 64 leaves, which are sent and
/// verified one after the other. The last leaf and the last segment have what is left; empty content is one empty leaf.
/// </summary>
public readonly record struct ContentLayout
{
    /// <summary>The length of every leaf but the last, in bytes: 256 KiB.</summary>
    public const int LeafSize = 256 * 1024;

    /// <summary>
    /// The number of leaves in every segment but the last. A power of two, so that a segment is a subtree of the content's tree.
    /// </summary>
    public const int LeavesPerSegment = 64;

    /// <summary>The longest content, in bytes: 1 TiB. Its leaf hashes take 128 MiB.</summary>
    public const long ContentLengthMax = 1L << 40;

    /// <summary>Lays out content.</summary>
    /// <param name="length">The content's length in bytes, 0 to <see cref="ContentLengthMax"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is outside that range.</exception>
    public ContentLayout(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, ContentLengthMax);
        Length = length;
    }

    /// <summary>The content's length in bytes.</summary>
    public long Length { get; }

    /// <summary>Counts the leaves; there is at least one.</summary>
    public int LeafCount => (int)Math.Max(1, (Length + LeafSize - 1) / LeafSize);

    /// <summary>Counts the segments; there is at least one.</summary>
    public int SegmentCount => (LeafCount + LeavesPerSegment - 1) / LeavesPerSegment;

    /// <summary>Covers the whole content.</summary>
    public LeafRange AllLeaves => new(0, LeafCount);

    /// <summary>Gives the offset of a leaf in the content, in bytes.</summary>
    public static long OffsetOf(int leaf) => (long)leaf * LeafSize;

    /// <summary>Gives the segment that a leaf belongs to.</summary>
    public static int SegmentOf(int leaf) => leaf / LeavesPerSegment;

    /// <summary>Gives the length of a leaf in bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The content has no such leaf.</exception>
    public int LengthOf(int leaf)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(leaf);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(leaf, LeafCount);
        return (int)Math.Min(LeafSize, Length - OffsetOf(leaf));
    }

    /// <summary>Gives the leaves of a segment.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The content has no such segment.</exception>
    public LeafRange LeavesOf(int segment)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(segment);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(segment, SegmentCount);
        var first = segment * LeavesPerSegment;
        return new LeafRange(first, Math.Min(LeavesPerSegment, LeafCount - first));
    }

    /// <summary>Widens a range of bytes to whole leaves.</summary>
    /// <param name="offset">The first byte.</param>
    /// <param name="length">How many bytes, from 1; empty content has the one range of offset 0 and length 0.</param>
    /// <param name="leaves">The leaves that hold these bytes.</param>
    /// <returns>False when the range is not within the content.</returns>
    public bool TryCover(long offset, long length, out LeafRange leaves)
    {
        leaves = default;
        if (offset < 0 || offset > Length || length > Length - offset || length < Math.Min(1, Length))
        {
            return false;
        }

        var first = (int)(offset / LeafSize);
        var last = (int)((offset + Math.Max(0, length - 1)) / LeafSize);
        leaves = new LeafRange(first, last - first + 1);
        return true;
    }

    /// <summary>Tells whether a range is not empty and lies within the content.</summary>
    internal bool Contains(LeafRange leaves) => leaves.First >= 0 && leaves.Count > 0 && leaves.Count <= LeafCount - leaves.First;
}
