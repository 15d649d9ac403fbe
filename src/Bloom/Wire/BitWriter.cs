namespace P2P.Bloom.Wire;

/// <summary>Writes numbers bit by bit, the first bit being the least significant of the first byte.</summary>
internal ref struct BitWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;
    private ulong _pending;
    private int _pendingCount;

    public int BytesWritten { get; private set; }

    /// <summary>Writes the lowest bits of a value, at most 48.</summary>
    public void Write(ulong value, int count)
    {
        _pending |= value << _pendingCount;
        _pendingCount += count;
        while (_pendingCount >= 8)
        {
            _destination[BytesWritten++] = (byte)_pending;
            _pending >>= 8;
            _pendingCount -= 8;
        }
    }

    public void WriteOnes(long count)
    {
        for (; count > 0; count -= 32)
        {
            var piece = (int)Math.Min(count, 32);
            Write((1UL << piece) - 1, piece);
        }
    }

    /// <summary>Fills the last byte with zeros.</summary>
    public void Finish()
    {
        if (_pendingCount > 0)
        {
            Write(0, 8 - _pendingCount);
        }
    }
}
