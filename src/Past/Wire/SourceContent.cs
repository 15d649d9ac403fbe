namespace P2P.Past.Wire;

/// <summary>
/// Reads certified content where it comes from, at the client that inserts it; reading in order opens the source once. Several readers take
/// turns, and after disposal nobody touches the source any more.
/// </summary>
internal sealed class SourceContent(FileCertificate certificate, ContentTree tree, IContentSource source) : IVerifiedContent
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource<PastException> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Stream? _stream;
    private int _streamLeaf;

    public FileCertificate Certificate => certificate;

    public ReadOnlyMemory<Hash256> SegmentRoots => tree.SegmentRoots;

    /// <summary>Ends, with what happened, when the source can't be read or has changed: the insert can't succeed any more.</summary>
    public Task<PastException> Failed => _failed.Task;

    public ValueTask<ReadOnlyMemory<Hash256>> ReadLeafHashesAsync(int segment, CancellationToken cancellationToken = default) =>
        new(tree.LeafHashesOf(segment));

    /// <inheritdoc/>
    /// <exception cref="PastException">The source changed since it was hashed.</exception>
    public async ValueTask ReadLeafAsync(int leaf, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        var bytes = destination[..certificate.Layout.LengthOf(leaf)];
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        await _turn.WaitAsync(reading.Token).ConfigureAwait(false);
        try
        {
            await ReadInTurnAsync(leaf, bytes, reading.Token).ConfigureAwait(false);
        }
        catch (PastException exception)
        {
            _failed.TrySetResult(exception);
            throw;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            var failure = new PastException($"The content of {certificate.FileId} can't be read: {exception.Message}", exception);
            _failed.TrySetResult(failure);
            throw failure;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends the reading that is going on, and closes the source.</summary>
    public async ValueTask DisposeAsync()
    {
        _closing.Cancel();
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_stream is not null)
            {
                await _stream.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask ReadInTurnAsync(int leaf, Memory<byte> bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await SeekAsync(leaf, cancellationToken).ConfigureAwait(false);
        _streamLeaf = -1;
        await ContentTree.ReadLeafAsync(_stream!, bytes, cancellationToken).ConfigureAwait(false);
        _streamLeaf = leaf + 1;
        if (MerkleTree.HashLeaf(bytes.Span) != tree.LeafHashes.Span[leaf])
        {
            bytes.Span.Clear();
            throw new PastException("The content changed after it was certified. It must stay as it is until the insert is done.");
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
            _stream = null;
        }

        _stream = await source.OpenAsync(ContentLayout.OffsetOf(leaf), cancellationToken).ConfigureAwait(false);
    }
}
