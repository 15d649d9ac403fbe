namespace P2P.Past.Hosting;

/// <summary>Reads fetched content in order, one verified leaf in memory at a time.</summary>
internal sealed class FetchedStream : Stream
{
    private readonly IAsyncEnumerator<ContentLeaf> _leaves;
    private readonly CancellationTokenSource _closing = new();
    private ReadOnlyMemory<byte> _rest;
    private int _skip;
    private long _position;

    public FetchedStream(ContentFetcher fetcher, long length, long offset)
    {
        Length = length;
        _position = offset;
        _skip = (int)(offset % ContentLayout.LeafSize);
        var firstLeaf = (int)Math.Min(offset / ContentLayout.LeafSize, new ContentLayout(length).LeafCount - 1);
        _leaves = fetcher.FetchAsync(firstLeaf, _closing.Token).GetAsyncEnumerator(CancellationToken.None);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException("The stream is read in order; open another one at the offset.");
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || _position >= Length)
        {
            return 0;
        }

        using var cancelling = cancellationToken.Register(static state => ((CancellationTokenSource)state!).Cancel(), _closing);
        while (_rest.IsEmpty)
        {
            try
            {
                if (!await _leaves.MoveNextAsync().ConfigureAwait(false))
                {
                    return 0;
                }
            }
            catch (OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw;
            }

            var skipped = Math.Min(_skip, _leaves.Current.Bytes.Length);
            _rest = _leaves.Current.Bytes[skipped..];
            _skip = 0;
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
        await _closing.CancelAsync().ConfigureAwait(false);
        await _leaves.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }
}
