using System.Text;

namespace P2P.YouSearch.Extraction;

/// <summary>Gathers text up to a length. What it gives is well-formed: halves of characters are replaced, and NULs are blanks.</summary>
internal sealed class TextCollector(int lengthMax)
{
    private readonly StringBuilder _text = new();

    /// <summary>How many characters have room.</summary>
    public int LengthMax => lengthMax;

    /// <summary>Whether there was more than has room.</summary>
    public bool IsCut { get; private set; }

    public int Length => _text.Length;

    /// <summary>Appends text.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        var room = lengthMax - _text.Length;
        if (text.Length > room)
        {
            IsCut = true;
            text = text[..Math.Max(0, room)];
        }

        _text.Append(text);
    }

    /// <summary>Ends a word, or a line; several ends in a row are one.</summary>
    public void Break(char separator)
    {
        if (_text.Length == 0 || _text.Length >= lengthMax)
        {
            return;
        }

        var last = _text[^1];
        if (last == ' ' && separator == '\n')
        {
            _text[^1] = separator;
        }
        else if (last is not ('\n' or ' ') && !(last == separator))
        {
            _text.Append(separator);
        }
    }

    /// <summary>Gives the text.</summary>
    public string Finish() => WellFormed(_text.ToString());

    /// <summary>Makes text well-formed.</summary>
    public static string WellFormed(string text)
    {
        var characters = text.AsSpan();
        if (!characters.Contains('\0') && !characters.ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return text;
        }

        return string.Create(text.Length, text, static (result, text) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                {
                    (result[i], result[i + 1]) = (text[i], text[i + 1]);
                    i++;
                }
                else
                {
                    result[i] = char.IsSurrogate(text[i]) ? '\uFFFD' : text[i] == '\0' ? ' ' : text[i];
                }
            }
        });
    }

    /// <summary>Makes a title of what a document says: one line, of no more than some length; null if nothing is left.</summary>
    public static string? TitleOf(ReadOnlySpan<char> text)
    {
        const int LengthMax = 300;
        var title = new StringBuilder();
        foreach (var character in text.Trim())
        {
            if (title.Length >= LengthMax)
            {
                break;
            }

            if (!char.IsWhiteSpace(character) && !char.IsControl(character))
            {
                title.Append(character);
            }
            else if (title.Length > 0 && title[^1] != ' ')
            {
                title.Append(' ');
            }
        }

        return title.Length == 0 ? null : WellFormed(title.ToString().TrimEnd());
    }
}
