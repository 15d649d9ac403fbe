using System.Numerics;

namespace P2P.YouSearch.Index;

/// <summary>A set of hashes. They are distributed evenly already, so that their low bits are their places.</summary>
internal sealed class HashSet64
{
    private ulong[] _places = new ulong[1024];
    private ulong[] _hashes = new ulong[512];
    private bool _hasZero;

    public int Count { get; private set; }

    /// <summary>The hashes, in the order in which they came.</summary>
    public ReadOnlySpan<ulong> Hashes => _hashes.AsSpan(0, Count);

    /// <summary>Adds a hash.</summary>
    /// <returns>Whether it is new.</returns>
    public bool Add(ulong hash)
    {
        // An empty place is 0, so that this hash has none.
        if (hash == 0)
        {
            if (_hasZero)
            {
                return false;
            }

            _hasZero = true;
            Append(hash);
            return true;
        }

        var mask = _places.Length - 1;
        for (var place = (int)hash & mask; ; place = (place + 1) & mask)
        {
            if (_places[place] == hash)
            {
                return false;
            }

            if (_places[place] == 0)
            {
                _places[place] = hash;
                Append(hash);
                return true;
            }
        }
    }

    public void Clear()
    {
        Array.Clear(_places);
        (Count, _hasZero) = (0, false);

        // One large document makes no others pay for clearing.
        if (_places.Length > 1 << 16)
        {
            (_places, _hashes) = (new ulong[1024], new ulong[512]);
        }
    }

    private void Append(ulong hash)
    {
        _hashes[Count++] = hash;
        if (Count == _hashes.Length)
        {
            Array.Resize(ref _hashes, Count * 2);
            _places = new ulong[BitOperations.RoundUpToPowerOf2((uint)_hashes.Length) * 2];
            var mask = _places.Length - 1;
            foreach (var known in Hashes)
            {
                var place = (int)known & mask;
                while (known != 0 && _places[place] != 0)
                {
                    place = (place + 1) & mask;
                }

                _places[place] = known != 0 ? known : _places[place];
            }
        }
    }
}
