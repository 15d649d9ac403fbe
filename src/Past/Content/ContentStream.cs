namespace P2P.Past;

/// <summary>Reads content of a known length from a place on, and fails where what lies below turns out to be of another length.</summary>
internal abstract class ContentStream(string subject, long offset, long length) : Stream
{
    private long _position = offset;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    protected abstract long CurrentLength { get; }

    protected abstract ValueTask<int> ReadAtAsync(long position, Memory<byte> buffer, CancellationToken cancellationToken);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = (int)Math.Min(buffer.Length, length - _position);
        var read = wanted == 0 ? 0 : await ReadAtAsync(_position, buffer[..wanted], cancellationToken).ConfigureAwait(false);
        _position += read;

        // Growth shows only when the end is reached; looking at every read would cost a system call each.
        if ((wanted > 0 && read == 0) || (_position == length && CurrentLength != length))
        {
            throw new PastException(
                $"The {subject} had {length} bytes and now has {CurrentLength}. It must not change while it is being read.");
        }

        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
