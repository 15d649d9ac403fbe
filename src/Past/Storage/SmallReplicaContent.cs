namespace P2P.Past;

/// <summary>Reads a replica of a single leaf from its bytes, and believes nothing that does not hash to the certificate's root.</summary>
internal sealed class SmallReplicaContent : IVerifiedContent
{
    private readonly ReadOnlyMemory<byte> _content;
    private readonly Hash256[] _hashes;
    private volatile bool _isVerified;

    private SmallReplicaContent(FileCertificate certificate, ReadOnlyMemory<byte> content)
    {
        Certificate = certificate;
        _content = content;
        _hashes = [certificate.ContentRoot];
    }

    public FileCertificate Certificate { get; }

    public ReadOnlyMemory<Hash256> SegmentRoots => _hashes;

    /// <summary>Opens a replica and verifies its certificate's checksum, its hash and its length.</summary>
    /// <exception cref="ReplicaCorruptException">They are damaged.</exception>
    public static SmallReplicaContent Open(StoredReplica replica, byte[] image)
    {
        var id = replica.FileId;
        var certificate = ReplicaFile.ReadCertificate(image);
        if (certificate?.FileId != id || certificate.ReplicaCount != replica.ReplicaCount)
        {
            throw new ReplicaCorruptException(id, $"The replica of {id} has no readable certificate that fits the index.");
        }

        return HasForm(certificate, image)
            ? new SmallReplicaContent(certificate, ContentOf(certificate, image))
            : throw new ReplicaCorruptException(id, $"The replica of {id} has another length or another hash than its certificate says.");
    }

    /// <summary>Finds out of which file these bytes are a whole, undamaged replica; null where they are not.</summary>
    public static FileCertificate? TryOpen(byte[] image) =>
        ReplicaFile.ReadCertificate(image) is { } certificate
        && HasForm(certificate, image)
        && MerkleTree.HashLeaf(ContentOf(certificate, image).Span) == certificate.ContentRoot
            ? certificate
            : null;

    public ValueTask<ReadOnlyMemory<Hash256>> ReadLeafHashesAsync(int segment, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _ = Certificate.Layout.LeavesOf(segment);
        return new(_hashes);
    }

    public ValueTask ReadLeafAsync(int leaf, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var bytes = destination.Span[..Certificate.Layout.LengthOf(leaf)];
        if (!_isVerified && MerkleTree.HashLeaf(_content.Span) != Certificate.ContentRoot)
        {
            bytes.Clear();
            return ValueTask.FromException(new ReplicaCorruptException(Certificate.FileId, $"The content in the replica of {Certificate.FileId} is damaged."));
        }

        _isVerified = true;
        _content.Span.CopyTo(bytes);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static bool HasForm(FileCertificate certificate, byte[] image) =>
        certificate.Layout.LeafCount == 1
        && image.Length == ReplicaFile.LengthOf(certificate)
        && Hash256.FromBytes(image.AsSpan((int)ReplicaFile.LeafHashOffset(certificate, 0), Hash256.ByteLength)) == certificate.ContentRoot;

    private static ReadOnlyMemory<byte> ContentOf(FileCertificate certificate, byte[] image) => image.AsMemory((int)ReplicaFile.LeafOffset(certificate, 0));
}
