using System.Globalization;
using System.Text;

namespace Game.Messages;

/// <summary>Makes what people write something that can be shown: one line of bounded length, without what is invisible or turns the direction of what stands beside it.</summary>
internal static class PlainText
{
    public const int NameLengthMax = 20;

    public const int TextLengthMax = 200;

    /// <summary>A letter with so many signs above and below it that it covers the lines around it is nobody's name.</summary>
    private const int MarksInRowMax = 4;

    /// <summary>Cleans a name; who has none is called so.</summary>
    public static string Name(string name) => Clean(name, NameLengthMax) is { Length: > 0 } clean ? clean : "nameless";

    /// <summary>Cleans what is said; empty where nothing is left.</summary>
    public static string Said(string text) => Clean(text, TextLengthMax);

    private static string Clean(string text, int lengthMax)
    {
        var clean = new StringBuilder();
        var marks = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (clean.Length + rune.Utf16SequenceLength > lengthMax)
            {
                break;
            }

            marks = category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? marks + 1 : 0;
            if (Rune.IsWhiteSpace(rune))
            {
                if (clean.Length > 0 && clean[^1] != ' ')
                {
                    clean.Append(' ');
                }
            }
            else if (marks <= MarksInRowMax && IsShown(category) && rune != Rune.ReplacementChar)
            {
                clean.Append(rune.ToString());
            }
        }

        return clean.ToString().TrimEnd();
    }

    // Format characters are those that turn directions, join, or are not to be seen.
    private static bool IsShown(UnicodeCategory category) => category
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
