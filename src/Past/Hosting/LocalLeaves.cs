using System.Buffers;
using System.Runtime.CompilerServices;

namespace P2P.Past;

/// <summary>Reads the leaves of content that is at this very node, as <see cref="ContentFetcher"/> does of others'.</summary>
internal static class LocalLeaves
{
    /// <summary>Gives the leaves from one to the end of the content. A leaf's bytes stay until the next one is asked for.</summary>
    public static async IAsyncEnumerable<ContentLeaf> ReadAsync(IVerifiedContent content, int firstLeaf, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var layout = content.Certificate.Layout;
        var buffer = ArrayPool<byte>.Shared.Rent(ContentLayout.LeafSize);
        try
        {
            for (var leaf = firstLeaf; leaf < layout.LeafCount; leaf++)
            {
                var bytes = buffer.AsMemory(0, layout.LengthOf(leaf));
                await content.ReadLeafAsync(leaf, bytes, cancellationToken).ConfigureAwait(false);
                yield return ContentLeaf.Compute(leaf, bytes);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
