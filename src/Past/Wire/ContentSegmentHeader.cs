using System.Buffers.Binary;

namespace P2P.Past.Wire;

/// <summary>
/// Precedes the leaves of one segment on a bulk connection: which leaves follow, the hashes of all leaves in the segment, and the path from
/// the segment to the content's root. The format is described in docs/protocols/past.md.
/// </summary>
/// <remarks>
/// Whoever asked knows all the numbers from the certificate; they are sent so that a disagreement shows before any hash fails.
/// </remarks>
internal readonly record struct ContentSegmentHeader(int Segment, int HashCount, int PathLength, LeafRange Leaves)
{
    /// <summary>The bytes before the hashes.</summary>
    public const int FixedLength = 12;

    /// <summary>The longest path: content has at most 2¹⁶ segments.</summary>
    public const int MaxPathLength = 16;

    /// <summary>The longest header, hashes included.</summary>
    public const int MaxLength = FixedLength + (ContentLayout.LeavesPerSegment + MaxPathLength) * Hash256.ByteLength;

    private const byte Version = 1;

    /// <summary>The length with hashes, in bytes.</summary>
    public int Length => FixedLength + (HashCount + PathLength) * Hash256.ByteLength;

    /// <summary>Gives the header that a transfer must have for the segment in which a leaf lies.</summary>
    /// <param name="layout">How the content is cut.</param>
    /// <param name="wanted">The leaves of the transfer that are still to be sent, from the one in question on.</param>
    public static ContentSegmentHeader For(ContentLayout layout, LeafRange wanted)
    {
        var segment = ContentLayout.SegmentOf(wanted.First);
        var all = layout.LeavesOf(segment);
        return new ContentSegmentHeader(
            segment,
            all.Count,
            MerkleTree.PathLength(segment, layout.SegmentCount),
            new LeafRange(wanted.First, Math.Min(wanted.End, all.End) - wanted.First));
    }

    /// <summary>Writes the part before the hashes.</summary>
    public void WriteFixed(Span<byte> destination)
    {
        destination[0] = Version;
        destination[1] = (byte)HashCount;
        destination[2] = (byte)PathLength;
        destination[3] = (byte)Leaves.Count;
        BinaryPrimitives.WriteInt32BigEndian(destination[4..], Segment);
        BinaryPrimitives.WriteInt32BigEndian(destination[8..], Leaves.First);
    }
}
