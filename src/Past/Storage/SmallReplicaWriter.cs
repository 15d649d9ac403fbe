namespace P2P.Past;

/// <summary>Writes a replica of a single leaf, which waits in memory and goes into the database as a whole.</summary>
internal sealed class SmallReplicaWriter(DiskReplicaStore store, FileCertificate certificate) : IReplicaWriter
{
    private byte[]? _image;
    private Hash256 _leaf;
    private bool _ended;

    public FileCertificate Certificate => certificate;

    public int NextLeaf => _image is null ? 0 : 1;

    public ValueTask AppendAsync(ContentLeaf leaf, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        cancellationToken.ThrowIfCancellationRequested();
        ReplicaScrub.CheckTurn(certificate, NextLeaf, leaf);
        store.Reserve(certificate, leaf);

        // The hash beside the content is the certificate's: where the leaf has another one, nothing of this is stored.
        var image = ReplicaFile.EncodeSingleLeaf(certificate);
        leaf.Bytes.Span.CopyTo(image.AsSpan((int)ReplicaFile.LeafOffset(certificate, 0)));
        _image = image;
        _leaf = leaf.Hash;
        return ValueTask.CompletedTask;
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        if (_image is null)
        {
            throw new InvalidOperationException("0 of 1 leaves were appended.");
        }

        long number;
        try
        {
            ReplicaScrub.CheckRoot(certificate, _leaf);
            number = await store.CommitAsync(certificate, _image, cancellationToken).ConfigureAwait(false);
        }
        catch (PastException)
        {
            await DiscardAsync().ConfigureAwait(false);
            throw;
        }

        _ended = true;
        store.Complete(certificate.FileId, number);
    }

    public ValueTask DiscardAsync()
    {
        if (!_ended)
        {
            _ended = true;
            store.Release(certificate.FileId);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Gives up: of a single leaf there is nothing to go on with that would be worth keeping.</summary>
    public ValueTask DisposeAsync() => DiscardAsync();
}
