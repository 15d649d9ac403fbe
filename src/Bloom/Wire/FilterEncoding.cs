using P2P.Bloom.Bits;

namespace P2P.Bloom.Wire;

/// <summary>Encodes a filter of words that nobody changes any more, raw or by gaps, whichever is shorter.</summary>
internal sealed class FilterEncoding : IEncoding
{
    private readonly FilterShape _shape;
    private readonly ulong[] _words;
    private readonly GapList _gaps;
    private readonly BodyCoding _coding;

    /// <param name="shape">The shape.</param>
    /// <param name="words">The words.</param>
    /// <param name="isAlone">False if other filters use up what readers grant to short input, so that the length has to justify the words.</param>
    public FilterEncoding(in FilterShape shape, ulong[] words, bool isAlone = true)
    {
        _shape = shape;
        _words = words;
        _gaps = GapList.Measure(words);
        var raw = words.LongLength * sizeof(ulong);
        var gaps = Math.Max(_gaps.Length, Allowance.LengthMinFor(raw, isAlone) - Header.LengthMin);
        _coding = gaps < raw ? BodyCoding.Gaps : BodyCoding.Raw;
        var length = Header.LengthMin + Math.Min(gaps, raw);
        Length = length <= Array.MaxLength
            ? (int)length
            : throw new InvalidOperationException($"The filter takes {length} bytes, more than one encoding can have.");
    }

    public int Length { get; }

    public void Write(Span<byte> destination)
    {
        Header.Write(_shape, _coding, isDelta: false, destination);
        var body = destination[Header.Length..^Header.ChecksumLength];
        if (_coding == BodyCoding.Raw)
        {
            BitWords.Write(_words, body);
        }
        else
        {
            body[_gaps.Write(_words, body)..].Clear();
        }

        Header.WriteChecksum(destination);
    }
}
