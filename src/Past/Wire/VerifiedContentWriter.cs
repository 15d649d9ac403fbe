using System.IO.Pipelines;
using System.Runtime.InteropServices;

namespace P2P.Past.Wire;

/// <summary>
/// Sends leaves of certified content with what the receiver needs to verify each: <see cref="VerifiedContentReader"/> is the other end.
/// </summary>
internal static class VerifiedContentWriter
{
    /// <summary>Sends leaves; one at a time is in memory.</summary>
    /// <param name="output">Where to; it is flushed, and stays open for what follows.</param>
    /// <param name="content">The content.</param>
    /// <param name="leaves">Which leaves, within the content.</param>
    /// <param name="patience">How long the receiver may take for a leaf; null for any time.</param>
    /// <param name="cancellationToken">Gives up; the output is then of no more use.</param>
    /// <returns>False when the receiver went away.</returns>
    /// <exception cref="ReplicaCorruptException">The stored content is damaged; the output is of no more use.</exception>
    public static async ValueTask<bool> WriteAsync(
        PipeWriter output, IVerifiedContent content, LeafRange leaves, Patience? patience = null, CancellationToken cancellationToken = default)
    {
        var layout = content.Certificate.Layout;
        if (!layout.Contains(leaves))
        {
            throw new ArgumentOutOfRangeException(nameof(leaves), leaves, $"The content has {layout.LeafCount} leaves.");
        }

        var segments = new MerkleTree(content.SegmentRoots.Span);
        for (var leaf = leaves.First; leaf < leaves.End;)
        {
            var header = ContentSegmentHeader.For(layout, new LeafRange(leaf, leaves.End - leaf));
            var hashes = await content.ReadLeafHashesAsync(header.Segment, cancellationToken).ConfigureAwait(false);
            WriteHeader(output, header, hashes.Span, segments.PathOf(header.Segment));
            for (; leaf < header.Leaves.End; leaf++)
            {
                var length = layout.LengthOf(leaf);
                await content.ReadLeafAsync(leaf, output.GetMemory(length), cancellationToken).ConfigureAwait(false);
                output.Advance(length);
                patience?.Renew();
                var flushed = await output.FlushAsync(patience?.Token ?? cancellationToken).ConfigureAwait(false);

                // How long this node's disk takes is not the receiver's fault.
                patience?.Rest();
                if (flushed.IsCompleted)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static void WriteHeader(
        PipeWriter output, in ContentSegmentHeader header, ReadOnlySpan<Hash256> hashes, ReadOnlySpan<Hash256> path)
    {
        var bytes = output.GetSpan(header.Length);
        header.WriteFixed(bytes);
        var rest = bytes[ContentSegmentHeader.FixedLength..];
        MemoryMarshal.AsBytes(hashes).CopyTo(rest);
        MemoryMarshal.AsBytes(path).CopyTo(rest[(hashes.Length * Hash256.ByteLength)..]);
        output.Advance(header.Length);
    }
}
