using System.Buffers;

namespace P2P.Past;

/// <summary>Compares replicas with their certificates, for every kind of store.</summary>
internal static class ReplicaScrub
{
    /// <summary>Reads a replica in full.</summary>
    public static async ValueTask<ReplicaCondition> InspectAsync(IReplicaStore store, FileId id, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ContentLayout.LeafSize);
        try
        {
            var content = await store.OpenReadAsync(id, cancellationToken).ConfigureAwait(false);
            if (content is null)
            {
                return ReplicaCondition.Missing;
            }

            await using (content.ConfigureAwait(false))
            {
                for (var leaf = 0; leaf < content.Certificate.Layout.LeafCount; leaf++)
                {
                    await content.ReadLeafAsync(leaf, buffer, cancellationToken).ConfigureAwait(false);
                }
            }

            return ReplicaCondition.Intact;
        }
        catch (ReplicaCorruptException)
        {
            return ReplicaCondition.Corrupt;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Hashes content that is in memory and compares it with its certificate.</summary>
    /// <exception cref="ContentVerificationException">It is another content.</exception>
    public static ContentTree Check(FileCertificate certificate, ReadOnlySpan<byte> content)
    {
        if (content.Length != certificate.ContentLength)
        {
            throw new ContentVerificationException(
                $"The content of {certificate.FileId} is {content.Length} bytes long; its certificate says {certificate.ContentLength}.");
        }

        var tree = ContentTree.Compute(content);
        CheckRoot(certificate, tree.Root);
        return tree;
    }

    /// <summary>Compares the root of all leaves with the certificate.</summary>
    /// <exception cref="ContentVerificationException">It is another content's.</exception>
    public static void CheckRoot(FileCertificate certificate, Hash256 root)
    {
        if (root != certificate.ContentRoot)
        {
            throw new ContentVerificationException(
                $"The content of {certificate.FileId} hashes to {root}; its certificate says {certificate.ContentRoot}.");
        }
    }

    /// <summary>Checks that it is a leaf's turn and that it is as long as it must be.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static void CheckTurn(FileCertificate certificate, int nextLeaf, in ContentLeaf leaf)
    {
        if (leaf.Index != nextLeaf || nextLeaf == certificate.Layout.LeafCount)
        {
            throw new ArgumentException(
                $"Leaf {leaf.Index} came where leaf {nextLeaf} of {certificate.Layout.LeafCount} was expected.", nameof(leaf));
        }

        var length = certificate.Layout.LengthOf(nextLeaf);
        if (leaf.Bytes.Length != length)
        {
            throw new ArgumentException($"Leaf {leaf.Index} is {leaf.Bytes.Length} bytes long; it must be {length}.", nameof(leaf));
        }
    }
}
