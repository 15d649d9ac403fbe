using System.Buffers;

namespace P2P.Past;

/// <summary>
/// Holds the hashes that content is verified by: a Merkle tree (RFC 6962, SHA-256) whose root stands in the file's certificate, so that any
/// leaf can be checked without the others.
/// </summary>
/// <remarks>
/// The paper hashes a file as a whole (PAST §2.2); a tree gives verified ranges and resumption. Costs 32 bytes for each 256 KiB. Safe for
/// concurrent use.
/// </remarks>
public sealed class ContentTree
{
    private readonly Hash256[] _leafHashes;
    private readonly Hash256[] _segmentRoots;

    private ContentTree(ContentLayout layout, Hash256[] leafHashes)
    {
        Layout = layout;
        _leafHashes = leafHashes;
        _segmentRoots = new Hash256[layout.SegmentCount];
        for (var segment = 0; segment < _segmentRoots.Length; segment++)
        {
            _segmentRoots[segment] = MerkleTree.RootOf(LeafHashesOf(segment).Span);
        }

        Root = MerkleTree.RootOf(_segmentRoots);
    }

    /// <summary>How the content is cut.</summary>
    public ContentLayout Layout { get; }

    /// <summary>The root of the tree: the content's hash.</summary>
    public Hash256 Root { get; }

    /// <summary>The hash of each leaf.</summary>
    public ReadOnlyMemory<Hash256> LeafHashes => _leafHashes;

    /// <summary>The root of each segment's subtree.</summary>
    public ReadOnlyMemory<Hash256> SegmentRoots => _segmentRoots;

    /// <summary>Gives the hashes of a segment's leaves.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The content has no such segment.</exception>
    public ReadOnlyMemory<Hash256> LeafHashesOf(int segment)
    {
        var leaves = Layout.LeavesOf(segment);
        return _leafHashes.AsMemory(leaves.First, leaves.Count);
    }

    /// <summary>Hashes content that is in memory.</summary>
    /// <param name="content">The content; it is not kept.</param>
    public static ContentTree Compute(ReadOnlySpan<byte> content)
    {
        var layout = new ContentLayout(content.Length);
        var hashes = new Hash256[layout.LeafCount];
        for (var leaf = 0; leaf < hashes.Length; leaf++)
        {
            hashes[leaf] = MerkleTree.HashLeaf(content.Slice((int)ContentLayout.OffsetOf(leaf), layout.LengthOf(leaf)));
        }

        return new ContentTree(layout, hashes);
    }

    /// <summary>Hashes content in one pass, one leaf in memory at a time.</summary>
    /// <param name="source">The content.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PastException">
    /// The source ends before its length, or is longer than <see cref="ContentLayout.ContentLengthMax"/>.
    /// </exception>
    public static async ValueTask<ContentTree> ComputeAsync(IContentSource source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Length > ContentLayout.ContentLengthMax)
        {
            throw new PastException(
                $"The content is {source.Length} bytes long; at most {ContentLayout.ContentLengthMax} can be stored as one file.");
        }

        var layout = new ContentLayout(source.Length);
        var hashes = new Hash256[layout.LeafCount];
        var buffer = ArrayPool<byte>.Shared.Rent(ContentLayout.LeafSize);
        var stream = await source.OpenAsync(0, cancellationToken).ConfigureAwait(false);
        try
        {
            for (var leaf = 0; leaf < hashes.Length; leaf++)
            {
                var bytes = buffer.AsMemory(0, layout.LengthOf(leaf));
                await ReadLeafAsync(stream, bytes, cancellationToken).ConfigureAwait(false);
                hashes[leaf] = MerkleTree.HashLeaf(bytes.Span);
            }
        }
        finally
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return new ContentTree(layout, hashes);
    }

    /// <summary>Fills a leaf from a source's stream.</summary>
    internal static async ValueTask ReadLeafAsync(Stream stream, Memory<byte> leaf, CancellationToken cancellationToken)
    {
        var read = await stream.ReadAtLeastAsync(leaf, leaf.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (read < leaf.Length)
        {
            throw new PastException("The content ended before its length was reached. It must not change while it is being read.");
        }
    }
}
