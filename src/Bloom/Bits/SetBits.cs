using System.Numerics;

namespace P2P.Bloom.Bits;

/// <summary>Enumerates the positions of the set bits, in ascending order.</summary>
internal ref struct SetBits(ReadOnlySpan<ulong> words)
{
    private readonly ReadOnlySpan<ulong> _words = words;
    private int _index = -1;
    private ulong _rest;

    public long Current { get; private set; }

    public readonly SetBits GetEnumerator() => this;

    public bool MoveNext()
    {
        while (_rest == 0)
        {
            if (++_index >= _words.Length)
            {
                return false;
            }

            _rest = _words[_index];
        }

        Current = ((long)_index << 6) + BitOperations.TrailingZeroCount(_rest);
        _rest &= _rest - 1;
        return true;
    }
}
