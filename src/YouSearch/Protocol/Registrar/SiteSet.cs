using System.Numerics;

namespace P2P.YouSearch.Protocol;

/// <summary>Is a set of sites, by their numbers: a bit for each.</summary>
internal sealed class SiteSet
{
    private ulong[] _words = [];

    public SiteSet()
    {
    }

    public SiteSet(ulong[] words) => _words = words;

    public ReadOnlySpan<ulong> Words => _words;

    public bool Contains(int number) => number >> 6 < _words.Length && (_words[number >> 6] & (1UL << number)) != 0;

    public void Add(int number)
    {
        Reserve((number >> 6) + 1);
        _words[number >> 6] |= 1UL << number;
    }

    public void Remove(int number)
    {
        if (number >> 6 < _words.Length)
        {
            _words[number >> 6] &= ~(1UL << number);
        }
    }

    public void Clear() => Array.Clear(_words);

    public void CopyFrom(ReadOnlySpan<ulong> words)
    {
        Clear();
        Reserve(words.Length);
        words.CopyTo(_words);
    }

    public void UnionWith(ReadOnlySpan<ulong> words)
    {
        Reserve(words.Length);
        for (var index = 0; index < words.Length; index++)
        {
            _words[index] |= words[index];
        }
    }

    public void ExceptWith(SiteSet other)
    {
        for (var index = Math.Min(_words.Length, other._words.Length) - 1; index >= 0; index--)
        {
            _words[index] &= ~other._words[index];
        }
    }

    /// <summary>Lists the numbers, ascending.</summary>
    public Enumerator GetEnumerator() => new(_words);

    private void Reserve(int words)
    {
        if (words > _words.Length)
        {
            Array.Resize(ref _words, Math.Max(words, _words.Length * 2));
        }
    }

    public struct Enumerator(ulong[] words)
    {
        private int _index = -1;
        private ulong _rest;

        public int Current { get; private set; }

        public bool MoveNext()
        {
            while (_rest == 0)
            {
                if (++_index >= words.Length)
                {
                    return false;
                }

                _rest = words[_index];
            }

            Current = (_index << 6) + BitOperations.TrailingZeroCount(_rest);
            _rest &= _rest - 1;
            return true;
        }
    }
}
