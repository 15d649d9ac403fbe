namespace P2P.Past;

/// <summary>
/// Reads fetched content in order, one verified leaf in memory at a time. After a read that failed or was cancelled, the next goes on at
/// the same place.
/// </summary>
internal sealed class FetchedStream(ContentFetcher fetcher, long length, long offset) : Stream
{
    private Fetching? _fetching;
    private ReadOnlyMemory<byte> _rest;
    private long _position = offset;
    private bool _disposed;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException("The stream is read in order; open another one at the offset.");
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        if (buffer.IsEmpty || _position >= length)
        {
            return 0;
        }

        if (_rest.IsEmpty)
        {
            _rest = await NextAsync(cancellationToken).ConfigureAwait(false);
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("The content comes over the network; read it asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("The stream is read in order.");

    public override void SetLength(long value) => throw new NotSupportedException("The stream is read only.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("The stream is read only.");

    public override async ValueTask DisposeAsync()
    {
        _disposed = true;
        await StopFetchingAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Gives the bytes from the position to the end of the leaf in which it lies.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> NextAsync(CancellationToken cancellationToken)
    {
        if (_fetching is { IsCancelled: true })
        {
            // The read before was given up at the very moment in which it ended.
            await StopFetchingAsync().ConfigureAwait(false);
        }

        _fetching ??= new Fetching(fetcher, (int)(_position / ContentLayout.LeafSize));
        try
        {
            var leaf = await _fetching.NextAsync(cancellationToken).ConfigureAwait(false);
            return leaf.Bytes[(int)(_position % ContentLayout.LeafSize)..];
        }
        catch
        {
            await StopFetchingAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    private async ValueTask StopFetchingAsync()
    {
        if (_fetching is { } fetching)
        {
            _fetching = null;
            await fetching.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Is one run through the leaves, which ends with the first failure.</summary>
    private sealed class Fetching : IAsyncDisposable
    {
        private readonly CancellationTokenSource _closing = new();
        private readonly IAsyncEnumerator<ContentLeaf> _leaves;

        public Fetching(ContentFetcher fetcher, int firstLeaf) =>
            _leaves = fetcher.FetchAsync(firstLeaf, _closing.Token).GetAsyncEnumerator(CancellationToken.None);

        /// <summary>Tells whether a read was given up: nothing more will come.</summary>
        public bool IsCancelled => _closing.IsCancellationRequested;

        public async ValueTask<ContentLeaf> NextAsync(CancellationToken cancellationToken)
        {
            using var cancelling = cancellationToken.Register(static state => ((CancellationTokenSource)state!).Cancel(), _closing);
            return await _leaves.MoveNextAsync().ConfigureAwait(false)
                ? _leaves.Current
                : throw new PastException("The content ended before its length was reached.");
        }

        public async ValueTask DisposeAsync()
        {
            _closing.Cancel();
            await _leaves.DisposeAsync().ConfigureAwait(false);
            _closing.Dispose();
        }
    }
}
