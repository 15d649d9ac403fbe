using System.Buffers;

namespace P2P.Past;

/// <summary>Writes a replica into a file beside the whole ones. Leaves are written where they will stay, each with its hash.</summary>
internal sealed class FileReplicaWriter : IReplicaWriter
{
    private readonly DiskReplicaStore _store;
    private readonly FileStream _file;
    private readonly ContentTreeBuilder _tree;
    private bool _ended;

    private FileReplicaWriter(DiskReplicaStore store, FileCertificate certificate, FileStream file, ContentTreeBuilder tree)
    {
        _store = store;
        _file = file;
        _tree = tree;
        Certificate = certificate;
    }

    public FileCertificate Certificate { get; }

    public int NextLeaf => _tree.LeafCount;

    /// <summary>Goes on with a file of the same certificate, or starts a new one.</summary>
    public static FileReplicaWriter Open(DiskReplicaStore store, FileCertificate certificate, string path, CancellationToken cancellationToken)
    {
        if (File.Exists(path))
        {
            var file = ReplicaFiles.OpenForWriting(path, FileMode.Open);
            try
            {
                if (certificate.Equals(ReplicaFile.ReadCertificate(file.SafeFileHandle)))
                {
                    return new FileReplicaWriter(store, certificate, file, Reread(certificate, file, cancellationToken));
                }

                file.Dispose();
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }

        // No space is taken for leaves to come: whoever announces much and gives nothing would take it from all others.
        var created = ReplicaFiles.OpenForWriting(path, FileMode.Create);
        try
        {
            RandomAccess.Write(created.SafeFileHandle, ReplicaFile.EncodeHeader(certificate), 0);
            return new FileReplicaWriter(store, certificate, created, new ContentTreeBuilder());
        }
        catch
        {
            created.Dispose();
            throw;
        }
    }

    public async ValueTask AppendAsync(ContentLeaf leaf, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        ReplicaScrub.CheckTurn(Certificate, NextLeaf, leaf);
        _store.Reserve(Certificate, leaf);
        await _store.OnDiskAsync(
            Certificate.FileId,
            () =>
            {
                Span<byte> hash = stackalloc byte[Hash256.ByteLength];
                leaf.Hash.WriteBytes(hash);
                RandomAccess.Write(_file.SafeFileHandle, leaf.Bytes.Span, ReplicaFile.LeafOffset(Certificate, leaf.Index));
                RandomAccess.Write(_file.SafeFileHandle, hash, ReplicaFile.LeafHashOffset(Certificate, leaf.Index));
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        _tree.Add(leaf.Hash);
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        if (NextLeaf < Certificate.Layout.LeafCount)
        {
            throw new InvalidOperationException($"{NextLeaf} of {Certificate.Layout.LeafCount} leaves were appended.");
        }

        long number;
        try
        {
            ReplicaScrub.CheckRoot(Certificate, _tree.Root());
            await _store.OnDiskAsync(Certificate.FileId, Flush, cancellationToken).ConfigureAwait(false);

            // The file is closed: from here on the replica is stored or discarded, not interrupted.
            number = await _store.PublishAsync(Certificate, CancellationToken.None).ConfigureAwait(false);
        }
        catch (PastException)
        {
            // Also when the disk failed: pages that a failed flush gave up would pass for written at the next one.
            await DiscardAsync().ConfigureAwait(false);
            throw;
        }

        _ended = true;
        _store.Complete(Certificate.FileId, number);
    }

    public async ValueTask DiscardAsync()
    {
        if (!_ended)
        {
            _ended = true;
            await _file.DisposeAsync().ConfigureAwait(false);
            _store.Abandon(Certificate);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (NextLeaf == 0)
        {
            await DiscardAsync().ConfigureAwait(false);
        }
        else if (!_ended)
        {
            _ended = true;
            GiveRoomBack();
            await _file.DisposeAsync().ConfigureAwait(false);
            _store.Suspend(Certificate);
        }
    }

    /// <summary>Takes over the leaves that reached the disk: nothing was flushed, so each must prove itself.</summary>
    private static ContentTreeBuilder Reread(FileCertificate certificate, FileStream file, CancellationToken cancellationToken)
    {
        var tree = new ContentTreeBuilder();
        var buffer = ArrayPool<byte>.Shared.Rent(ContentLayout.LeafSize);
        try
        {
            Span<Hash256> written = stackalloc Hash256[1];
            for (var leaf = 0; leaf < certificate.Layout.LeafCount; leaf++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var bytes = buffer.AsSpan(0, certificate.Layout.LengthOf(leaf));
                if (!ReplicaFile.TryReadLeafHashes(file.SafeFileHandle, certificate, leaf, written)
                    || !ReplicaFile.TryFill(file.SafeFileHandle, bytes, ReplicaFile.LeafOffset(certificate, leaf))
                    || MerkleTree.HashLeaf(bytes) != written[0])
                {
                    break;
                }

                tree.Add(written[0]);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return tree;
    }

    /// <summary>Cuts off what follows the last whole leaf.</summary>
    private void GiveRoomBack()
    {
        try
        {
            _file.SetLength(NextLeaf < Certificate.Layout.LeafCount ? ReplicaFile.LeafOffset(Certificate, NextLeaf) : ReplicaFile.LengthOf(Certificate));
        }
        catch (IOException)
        {
            // It counts as long as it is, until it is continued or expires.
        }
    }

    private bool Flush()
    {
        _file.SetLength(ReplicaFile.LengthOf(Certificate));
        _store.Files.Flush(_file.SafeFileHandle);
        _file.Dispose();
        return true;
    }
}
