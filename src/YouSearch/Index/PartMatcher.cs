namespace P2P.YouSearch.Index;

/// <summary>
/// Finds a query's parts in a row of words, in one step a word: bit by bit (shift-and), each bit being a word of the query, and the bits of a phrase neighbours. A query has no more words than a number has bits.
/// </summary>
internal sealed class PartMatcher
{
    private readonly IReadOnlyList<QueryPart> _parts;
    private readonly List<(string Word, bool IsPrefix, uint Bit)> _words = [];
    private readonly uint _firstBits;
    private readonly uint _lastBits;
    private readonly ulong _beginnings;
    private uint _state;

    public PartMatcher(IReadOnlyList<QueryPart> parts)
    {
        _parts = parts;
        var bit = 1u;
        foreach (var part in parts)
        {
            _firstBits |= bit;
            for (var i = 0; i < part.Words.Count; i++, bit <<= 1)
            {
                var isLast = i == part.Words.Count - 1;
                _words.Add((part.Words[i], isLast && part.IsPrefix, bit));
                _lastBits |= isLast ? bit : 0;
                _beginnings |= 1UL << (part.Words[i][0] & 63);
            }
        }
    }

    public int PartCount => _parts.Count;

    /// <summary>Begins another row of words.</summary>
    public void Reset() => _state = 0;

    /// <summary>Takes the next word.</summary>
    /// <returns>The parts that end with it: their last bits; 0 for none.</returns>
    public uint Next(ReadOnlySpan<char> word)
    {
        // Nearly every word begins otherwise than those of the query.
        if ((_beginnings >> (word[0] & 63) & 1) == 0)
        {
            _state = 0;
            return 0;
        }

        var matching = 0u;
        foreach (var (wanted, isPrefix, bit) in _words)
        {
            matching |= (isPrefix ? word.StartsWith(wanted, StringComparison.Ordinal) : word.SequenceEqual(wanted)) ? bit : 0;
        }

        _state = ((_state << 1) | _firstBits) & matching;
        return _state & _lastBits;
    }

    /// <summary>Lists the parts that some bits are the last of, with how many words each has.</summary>
    public IEnumerable<(int Part, int Words)> PartsOf(uint bits)
    {
        var bit = 1u;
        for (var part = 0; part < _parts.Count; part++)
        {
            bit <<= _parts[part].Words.Count - 1;
            if ((bits & bit) != 0)
            {
                yield return (part, _parts[part].Words.Count);
            }

            bit <<= 1;
        }
    }
}
