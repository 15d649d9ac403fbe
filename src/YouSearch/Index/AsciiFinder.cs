using System.Buffers;
using System.Text;
using P2P.YouSearch.Protocol;

namespace P2P.YouSearch.Index;

/// <summary>
/// Finds a part of a query in text of ASCII alone, where folding is lower case: looks for its first word, and reads only where this stands. To read all of the ten documents that are shown would take longer than to find them.
/// </summary>
internal sealed class AsciiFinder
{
    private readonly QueryPart _part;
    private readonly SearchValues<string>? _firstWord;

    public AsciiFinder(QueryPart part)
    {
        // A part with other letters stands in no such text.
        _part = part;
        _firstWord = part.Words.All(word => Ascii.IsValid(word)) ? SearchValues.Create([part.Words[0]], StringComparison.OrdinalIgnoreCase) : null;
    }

    /// <summary>Finds the next place where the part stands.</summary>
    /// <param name="text">The text, which is of ASCII alone.</param>
    /// <param name="position">Where to begin; becomes the part's first character.</param>
    /// <param name="end">Where the part ends.</param>
    /// <returns>Whether it stands anywhere.</returns>
    public bool TryFind(ReadOnlySpan<char> text, ref int position, out int end)
    {
        end = 0;
        while (_firstWord is not null && position < text.Length && text[position..].IndexOfAny(_firstWord) is var offset and >= 0)
        {
            position += offset;
            if ((position == 0 || !char.IsAsciiLetterOrDigit(text[position - 1])) && StandsAt(text[position..], out var length))
            {
                end = position + length;
                return true;
            }

            position++;
        }

        return false;
    }

    private bool StandsAt(ReadOnlySpan<char> text, out int length)
    {
        var reader = new WordReader(text, stackalloc char[WordReader.WordLengthMax]);
        for (var i = 0; i < _part.Words.Count; i++)
        {
            var wanted = _part.Words[i];
            if (!reader.Read() || !(_part.IsPrefix && i == _part.Words.Count - 1 ? reader.Word.StartsWith(wanted, StringComparison.Ordinal) : reader.Word.SequenceEqual(wanted)))
            {
                length = 0;
                return false;
            }
        }

        length = reader.End;
        return true;
    }
}
