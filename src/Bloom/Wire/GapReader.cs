namespace P2P.Bloom.Wire;

/// <summary>Reads a <see cref="GapList"/> from bytes that may be hostile.</summary>
internal ref struct GapReader
{
    private readonly int _parameter;
    private readonly int _start;
    private readonly long _limit;
    private BitReader _bits;
    private long _previous;
    private long _read;

    private GapReader(ReadOnlySpan<byte> source, int start, int parameter, long count, long limit)
    {
        _bits = new BitReader(source[start..]);
        _start = start;
        _parameter = parameter;
        _limit = limit;
        _previous = -1;
        Count = count;
    }

    public long Count { get; }

    /// <summary>Starts to read positions below a limit; false if as many as are announced can't be there.</summary>
    public static bool TryStart(ReadOnlySpan<byte> source, long limit, out GapReader reader)
    {
        reader = default;
        if (source.Length < 2 || source[0] > GapList.ParameterMax || !Varint.TryRead(source[1..], out var count, out var length))
        {
            return false;
        }

        var start = 1 + length;
        var bits = (ulong)(source.Length - start) * 8;
        if (count > (ulong)limit || count > bits / (ulong)(1 + source[0]))
        {
            return false;
        }

        reader = new GapReader(source, start, source[0], (long)count, limit);
        return true;
    }

    /// <summary>Reads the next position; to be called <see cref="Count"/> times.</summary>
    public bool TryReadNext(out long position)
    {
        position = 0;
        var rest = _limit - _previous - 1;
        if (_read == Count || !_bits.TryReadOnes(rest >> _parameter, out var quotient) || !_bits.TryRead(_parameter, out var remainder))
        {
            return false;
        }

        var gap = (quotient << _parameter) | (long)remainder;
        if (gap >= rest)
        {
            return false;
        }

        _read++;
        _previous = position = _previous + 1 + gap;
        return true;
    }

    /// <summary>Gives the length of the list once all positions have been read; false if they were not, or bits are left over.</summary>
    public readonly bool TryFinish(out int length)
    {
        length = _start + _bits.BytesUsed;
        return _read == Count && _bits.EndsWithZeros();
    }
}
