using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>
/// Reads what the other end of a stream wrote: chunks, each behind its length (u32, little-endian), and a length of zero at the end. What
/// ends without that was cut off, which TLS alone doesn't tell.
/// </summary>
internal sealed class ChunkReader(Stream stream, TransportMetrics metrics) : Stream
{
    private readonly byte[] _length = new byte[4];
    private uint _left;

    /// <summary>Whether the other end has written all that it will.</summary>
    public bool Ended { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Ended || buffer.IsEmpty)
        {
            return Ended ? 0 : await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }

        if (_left == 0 && !await ReadLengthAsync(cancellationToken).ConfigureAwait(false))
        {
            return 0;
        }

        var count = await stream.ReadAsync(buffer[..(int)Math.Min((uint)buffer.Length, _left)], cancellationToken).ConfigureAwait(false);
        if (count == 0)
        {
            throw CutOff();
        }

        metrics.Received(count);
        _left -= (uint)count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Streams are read asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReadLengthAsync(CancellationToken cancellationToken)
    {
        for (var read = 0; read < _length.Length;)
        {
            var count = await stream.ReadAsync(_length.AsMemory(read), cancellationToken).ConfigureAwait(false);
            read += count > 0 ? count : throw CutOff();
        }

        _left = BinaryPrimitives.ReadUInt32LittleEndian(_length);
        Ended = _left == 0;
        return !Ended;
    }

    private static IOException CutOff() => new("The other end of the stream was cut off before it had written everything.");
}
