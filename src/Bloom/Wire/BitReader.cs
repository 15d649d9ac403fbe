using System.Numerics;

namespace P2P.Bloom.Wire;

/// <summary>Reads what <see cref="BitWriter"/> writes, and says where the bytes end too early.</summary>
internal ref struct BitReader(ReadOnlySpan<byte> source)
{
    private readonly ReadOnlySpan<byte> _source = source;
    private ulong _pending;
    private int _pendingCount;
    private int _bytesRead;

    /// <summary>Reads bits, at most 48.</summary>
    public bool TryRead(int count, out ulong value)
    {
        Refill();
        value = _pending & ((1UL << count) - 1);
        if (_pendingCount < count)
        {
            return false;
        }

        Drop(count);
        return true;
    }

    /// <summary>Counts ones up to the next zero, which is read too; gives up beyond a maximum.</summary>
    public bool TryReadOnes(long max, out long count)
    {
        count = 0;
        while (true)
        {
            Refill();
            var ones = BitOperations.TrailingZeroCount(~_pending);
            if (ones < _pendingCount)
            {
                Drop(ones + 1);
                count += ones;
                return count <= max;
            }

            count += _pendingCount;
            if (_pendingCount == 0 || count > max)
            {
                return false;
            }

            Drop(_pendingCount);
        }
    }

    /// <summary>Tells whether the rest of the byte in which reading has stopped is zero.</summary>
    public readonly bool EndsWithZeros() => (_pending & ((1UL << (_pendingCount & 7)) - 1)) == 0;

    /// <summary>Counts the bytes of which at least one bit was read.</summary>
    public readonly int BytesUsed => _bytesRead - (_pendingCount >> 3);

    private void Refill()
    {
        while (_pendingCount <= 48 && _bytesRead < _source.Length)
        {
            _pending |= (ulong)_source[_bytesRead++] << _pendingCount;
            _pendingCount += 8;
        }
    }

    private void Drop(int count)
    {
        _pending = count == 64 ? 0 : _pending >> count;
        _pendingCount -= count;
    }
}
