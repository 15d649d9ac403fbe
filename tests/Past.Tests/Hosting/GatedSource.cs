using P2P.Past;

namespace Past.Tests.Hosting;

/// <summary>Gives content up to a gate, and waits there until a test opens it.</summary>
internal sealed class GatedSource(byte[] content, int gate) : IContentSource
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isClosed;

    public long Length => content.Length;

    /// <summary>Ends when a reader stands at the closed gate.</summary>
    public Task Reached => _reached.Task;

    public void Close() => _isClosed = true;

    public void Open()
    {
        _isClosed = false;
        _opened.TrySetResult();
    }

    public ValueTask<Stream> OpenAsync(long offset, CancellationToken cancellationToken = default) => new(new GatedStream(this, offset));

    private sealed class GatedStream(GatedSource source, long offset) : MemoryStream(source.Bytes, (int)offset, source.Bytes.Length - (int)offset, writable: false)
    {
        private readonly long _offset = offset;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (source._isClosed && _offset + Position + buffer.Length > source.Gate)
            {
                source._reached.TrySetResult();
                await source._opened.Task.WaitAsync(cancellationToken);
            }

            return Read(buffer.Span);
        }
    }

    private byte[] Bytes => content;

    private int Gate => gate;
}
