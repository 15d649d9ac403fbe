namespace P2P.Past;

/// <summary>Reads verified content in order; each leaf is read and checked once, and one is in memory at a time.</summary>
internal sealed class VerifiedContentStream(IVerifiedContent content, long offset) : ContentStream("content", offset, content.Certificate.ContentLength)
{
    private readonly ContentLayout _layout = content.Certificate.Layout;
    private byte[]? _leaf;
    private int _index = -1;

    protected override long CurrentLength => _layout.Length;

    protected override async ValueTask<int> ReadAtAsync(long position, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var index = (int)(position / ContentLayout.LeafSize);
        var length = _layout.LengthOf(index);
        if (_index != index)
        {
            _index = -1;
            _leaf ??= new byte[Math.Min(ContentLayout.LeafSize, _layout.Length)];
            await content.ReadLeafAsync(index, _leaf.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
            _index = index;
        }

        var skip = (int)(position - ContentLayout.OffsetOf(index));
        var count = Math.Min(buffer.Length, length - skip);
        _leaf.AsMemory(skip, count).CopyTo(buffer);
        return count;
    }
}
