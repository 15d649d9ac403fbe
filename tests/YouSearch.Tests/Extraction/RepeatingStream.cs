namespace YouSearch.Tests.Extraction;

/// <summary>A document of any length that is nowhere.</summary>
internal sealed class RepeatingStream(byte[] pattern, long length) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    public override int Read(byte[] buffer, int offset, int count)
    {
        count = (int)Math.Min(count, length - Position);
        for (var i = 0; i < count; i++)
        {
            buffer[offset + i] = pattern[(Position + i) % pattern.Length];
        }

        Position += count;
        return count;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => Position, _ => length };

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }
}
