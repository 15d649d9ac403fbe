using System.Globalization;
using System.Text;

namespace P2P.YouServ.Dns;

/// <summary>Reads and writes the strings of TXT records as zone files have them (RFC 1035 §5.1).</summary>
internal static class TextValue
{
    private const int StringLengthMax = 255;

    /// <summary>Writes a text as strings in quotes.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        var length = 0;
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (length++ == StringLengthMax)
            {
                quoted.Append("\" \"");
                length = 1;
            }

            Append(quoted, value);
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>Reads strings, and writes each with its length before it, as in a record.</summary>
    /// <returns>Null where the text is none, or a string is too long.</returns>
    public static byte[]? Parse(string text)
    {
        var bytes = new List<byte>();
        var at = 0;
        while (SkipSpace(text, ref at))
        {
            var lengthAt = bytes.Count;
            bytes.Add(0);
            if (!ReadString(text, ref at, bytes) || bytes.Count - lengthAt - 1 > StringLengthMax)
            {
                return null;
            }

            bytes[lengthAt] = (byte)(bytes.Count - lengthAt - 1);
        }

        return bytes.Count > 0 ? [.. bytes] : null;
    }

    private static void Append(StringBuilder text, byte value)
    {
        if (value is (byte)'"' or (byte)'\\')
        {
            text.Append('\\').Append((char)value);
        }
        else if (value is >= 0x20 and < 0x7F)
        {
            text.Append((char)value);
        }
        else
        {
            text.Append(CultureInfo.InvariantCulture, $"\\{value:d3}");
        }
    }

    private static bool SkipSpace(string text, ref int at)
    {
        while (at < text.Length && text[at] is ' ' or '\t')
        {
            at++;
        }

        return at < text.Length;
    }

    /// <summary>Reads a string in quotes, or a word up to the next space.</summary>
    private static bool ReadString(string text, ref int at, List<byte> bytes)
    {
        var isQuoted = text[at] == '"';
        at += isQuoted ? 1 : 0;
        while (at < text.Length)
        {
            var character = text[at++];
            if (character == '"')
            {
                return isQuoted && (at == text.Length || text[at] is ' ' or '\t');
            }

            if (!isQuoted && character is ' ' or '\t')
            {
                return true;
            }

            if (character is < ' ' or > '~' || (character == '\\' && !ReadEscape(text, ref at, out character)))
            {
                return false;
            }

            bytes.Add((byte)character);
        }

        return !isQuoted;
    }

    private static bool ReadEscape(string text, ref int at, out char character)
    {
        character = at < text.Length ? text[at] : '\0';
        if (!char.IsAsciiDigit(character))
        {
            at++;
            return character is >= ' ' and <= '~';
        }

        byte value = 0;
        var isNumber = at + 3 <= text.Length && byte.TryParse(text.AsSpan(at, 3), NumberStyles.None, CultureInfo.InvariantCulture, out value);
        character = (char)value;
        at += 3;
        return isNumber;
    }
}
