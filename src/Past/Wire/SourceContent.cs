namespace P2P.Past.Wire;

/// <summary>Reads certified content where it comes from, at the client that inserts it; reading in order opens the source once.</summary>
internal sealed class SourceContent(FileCertificate certificate, ContentTree tree, IContentSource source) : IVerifiedContent
{
    private readonly SemaphoreSlim _turn = new(1);
    private Stream? _stream;
    private int _streamLeaf;

    public FileCertificate Certificate => certificate;

    public ReadOnlyMemory<Hash256> SegmentRoots => tree.SegmentRoots;

    public ValueTask<ReadOnlyMemory<Hash256>> ReadLeafHashesAsync(int segment, CancellationToken cancellationToken = default) =>
        new(tree.LeafHashesOf(segment));

    /// <inheritdoc/>
    /// <exception cref="PastException">The source changed since it was hashed.</exception>
    public async ValueTask ReadLeafAsync(int leaf, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        var bytes = destination[..certificate.Layout.LengthOf(leaf)];
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await SeekAsync(leaf, cancellationToken).ConfigureAwait(false);
            _streamLeaf = -1;
            await ContentTree.ReadLeafAsync(_stream!, bytes, cancellationToken).ConfigureAwait(false);
            _streamLeaf = leaf + 1;
        }
        finally
        {
            _turn.Release();
        }

        if (MerkleTree.HashLeaf(bytes.Span) != tree.LeafHashes.Span[leaf])
        {
            bytes.Span.Clear();
            throw new PastException("The content changed after it was certified. It must stay as it is until the insert is done.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _turn.Dispose();
        if (_stream is not null)
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask SeekAsync(int leaf, CancellationToken cancellationToken)
    {
        if (_stream is not null && _streamLeaf == leaf)
        {
            return;
        }

        if (_stream is not null)
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
        }

        _stream = await source.OpenAsync(ContentLayout.OffsetOf(leaf), cancellationToken).ConfigureAwait(false);
    }
}
