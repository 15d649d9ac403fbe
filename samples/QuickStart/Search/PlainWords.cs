using System.Globalization;
using System.Text;
using P2P.YouSearch;

namespace QuickStart.Search;

/// <summary>Reads words one after the other, without any index: letters, digits and marks are of words, all else separates them.</summary>
internal static class PlainWords
{
    public static IEnumerable<string> In(string text)
    {
        var start = -1;
        var end = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsOfWords(rune))
            {
                start = start < 0 ? end : start;
            }
            else if (start >= 0)
            {
                yield return text[start..end];
                start = -1;
            }

            end += rune.Utf16SequenceLength;
        }

        if (start >= 0)
        {
            yield return text[start..Math.Min(end, text.Length)];
        }
    }

    /// <summary>Gives the form in which words are compared: upper case and accents do not count. It is the query's own.</summary>
    public static string Fold(string word) =>
        Ascii.IsValid(word) ? word.ToLowerInvariant() : SearchQuery.TryParse(word, out var query, out _) ? query.Canonical : word;

    private static bool IsOfWords(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.OtherNumber => true,
        UnicodeCategory.Format => true, // Such as a soft hyphen: passed over within words.
        _ => false,
    };
}
