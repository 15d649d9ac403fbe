using Microsoft.Win32.SafeHandles;

namespace P2P.Past;

/// <summary>Reads a replica from its file, and believes nothing that does not hash to the certificate's root.</summary>
internal sealed class FileReplicaContent : IVerifiedContent
{
    private readonly DiskReplicaStore _store;
    private readonly SafeFileHandle _file;
    private readonly Hash256[] _segmentRoots;

    // The segment that was read last: whoever reads on reads its hashes once.
    private Segment? _recent;

    private FileReplicaContent(DiskReplicaStore store, FileCertificate certificate, SafeFileHandle file, Hash256[] segmentRoots)
    {
        _store = store;
        _file = file;
        _segmentRoots = segmentRoots;
        Certificate = certificate;
    }

    public FileCertificate Certificate { get; }

    public ReadOnlyMemory<Hash256> SegmentRoots => _segmentRoots;

    /// <summary>Opens a replica and verifies its certificate's checksum and its hashes.</summary>
    public static IVerifiedContent Open(DiskReplicaStore store, StoredReplica replica, string path)
    {
        var id = replica.FileId;
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            var certificate = Reading(id, () => ReplicaFile.ReadCertificate(file));
            if (certificate?.FileId != id || certificate.ReplicaCount != replica.ReplicaCount)
            {
                throw new ReplicaCorruptException(id, $"The replica of {id} has no readable certificate that fits the file's name.");
            }

            var length = RandomAccess.GetLength(file);
            if (length != ReplicaFile.LengthOf(certificate))
            {
                throw new ReplicaCorruptException(
                    id, $"The replica of {id} takes {length} bytes instead of {ReplicaFile.LengthOf(certificate)}.");
            }

            return new FileReplicaContent(store, certificate, file, ReadSegmentRoots(certificate, file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public async ValueTask<ReadOnlyMemory<Hash256>> ReadLeafHashesAsync(int segment, CancellationToken cancellationToken = default)
    {
        _ = Certificate.Layout.LeavesOf(segment);
        return Volatile.Read(ref _recent) is { } recent && recent.Index == segment
            ? recent.LeafHashes
            : await _store.OnDiskAsync(Certificate.FileId, () => SegmentOf(segment).LeafHashes, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask ReadLeafAsync(int leaf, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        var bytes = destination[..Certificate.Layout.LengthOf(leaf)];
        await _store.OnDiskAsync(
            Certificate.FileId,
            () =>
            {
                ReadLeaf(leaf, bytes.Span);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        return ValueTask.CompletedTask;
    }

    private static Hash256[] ReadSegmentRoots(FileCertificate certificate, SafeFileHandle file)
    {
        var roots = new Hash256[certificate.Layout.SegmentCount];
        if (roots.Length == 1)
        {
            roots[0] = certificate.ContentRoot;
            return roots;
        }

        Span<Hash256> hashes = stackalloc Hash256[ContentLayout.LeavesPerSegment];
        for (var segment = 0; segment < roots.Length; segment++)
        {
            var leaves = certificate.Layout.LeavesOf(segment);
            FillHashes(file, certificate, leaves, hashes);
            roots[segment] = MerkleTree.RootOf(hashes[..leaves.Count]);
        }

        return MerkleTree.RootOf(roots) == certificate.ContentRoot
            ? roots
            : throw new ReplicaCorruptException(certificate.FileId, $"The hashes in the replica of {certificate.FileId} are damaged.");
    }

    private static void FillHashes(SafeFileHandle file, FileCertificate certificate, LeafRange leaves, Span<Hash256> hashes)
    {
        try
        {
            if (ReplicaFile.TryReadLeafHashes(file, certificate, leaves.First, hashes[..leaves.Count]))
            {
                return;
            }
        }
        catch (IOException exception)
        {
            throw Unreadable(certificate.FileId, exception);
        }

        throw new ReplicaCorruptException(certificate.FileId, $"The replica of {certificate.FileId} ends within its hashes.");
    }

    private static T Reading<T>(FileId id, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (IOException exception)
        {
            throw Unreadable(id, exception);
        }
    }

    private static ReplicaCorruptException Unreadable(FileId id, IOException exception) =>
        new(id, $"The disk can't read the replica of {id}: {exception.Message}", exception);

    private Segment SegmentOf(int segment)
    {
        if (Volatile.Read(ref _recent) is { } recent && recent.Index == segment)
        {
            return recent;
        }

        var leaves = Certificate.Layout.LeavesOf(segment);
        var hashes = new Hash256[leaves.Count];
        FillHashes(_file, Certificate, leaves, hashes);
        if (MerkleTree.RootOf(hashes) != _segmentRoots[segment])
        {
            throw new ReplicaCorruptException(
                Certificate.FileId, $"The hashes of segment {segment} in the replica of {Certificate.FileId} are damaged.");
        }

        var read = new Segment(segment, hashes);
        Volatile.Write(ref _recent, read);
        return read;
    }

    private void ReadLeaf(int leaf, Span<byte> destination)
    {
        var segment = SegmentOf(ContentLayout.SegmentOf(leaf));
        var expected = segment.LeafHashes.Span[leaf % ContentLayout.LeavesPerSegment];
        try
        {
            if (ReplicaFile.TryFill(_file, destination, ReplicaFile.LeafOffset(Certificate, leaf))
                && MerkleTree.HashLeaf(destination) == expected)
            {
                return;
            }
        }
        catch (IOException exception)
        {
            destination.Clear();
            throw Unreadable(Certificate.FileId, exception);
        }

        destination.Clear();
        throw new ReplicaCorruptException(Certificate.FileId, $"Leaf {leaf} in the replica of {Certificate.FileId} is damaged.");
    }

    private sealed record Segment(int Index, ReadOnlyMemory<Hash256> LeafHashes);
}
