using System.Text;

namespace YouSearch.Tests.Text;

/// <summary>Makes texts that are unpleasant to read: all scripts, marks, halves of characters, and what queries and databases give a meaning to.</summary>
internal static class RandomText
{
    private static readonly string[] Pieces =
    [
        " ", " ", "a", "the", "Ärger", "ß", "ﬃ", "\"", "\"", "*", "-", "'", "\0", "^", "NEAR(", ")", "AND ", " OR ", " NOT ", "site:joe", "type:pdf ", "group:staff", "group:\"", "{title} :",
        "漢", "字", "か", "\u3099", "\u0301", "\u0306", "и", "у", "한", "🎂", "\uD83D", "\uDC00", "𝒳", "_", ".", "title:", "+", "İ", "ı", "Σ", "\u200D", "½", "㎏", "ﷺ", ";--", "\r\n", "\u2028",
    ];

    public static string Of(int seed, int length)
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        while (text.Length < length)
        {
            _ = random.Next(4) switch
            {
                0 => text.Append((char)random.Next(0x10000)),
                1 => text.Append((char)random.Next(0x20, 0x250)),
                _ => text.Append(Pieces[random.Next(Pieces.Length)]),
            };
        }

        return text.ToString(0, length);
    }
}
