using System.Buffers;

namespace P2P.Past;

/// <summary>Reads any range of verified content.</summary>
public static class VerifiedContentExtensions
{
    /// <summary>Reads bytes from any place; each leaf that they touch is read and verified in full.</summary>
    /// <param name="content">The content.</param>
    /// <param name="offset">The place of the first byte, from 0 to the content's length.</param>
    /// <param name="destination">Takes the bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many bytes were read: as many as fit, fewer at the content's end.</returns>
    /// <exception cref="ReplicaCorruptException">A leaf is damaged.</exception>
    public static async ValueTask<int> ReadAsync(
        this IVerifiedContent content, long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var layout = content.Certificate.Layout;
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, layout.Length);
        var wanted = (int)Math.Min(destination.Length, layout.Length - offset);
        if (wanted == 0)
        {
            return 0;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(ContentLayout.LeafSize);
        try
        {
            for (var done = 0; done < wanted;)
            {
                var leaf = (int)((offset + done) / ContentLayout.LeafSize);
                var length = layout.LengthOf(leaf);
                var skip = (int)(offset + done - ContentLayout.OffsetOf(leaf));
                var taken = Math.Min(length - skip, wanted - done);
                await content.ReadLeafAsync(leaf, buffer.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
                buffer.AsMemory(skip, taken).CopyTo(destination[done..]);
                done += taken;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return wanted;
    }
}
