namespace P2P.YouSearch.Protocol;

/// <summary>Splits short texts into words.</summary>
internal static class Words
{
    /// <summary>Lists the words of a text, folded.</summary>
    /// <param name="text">A text of people: a query, a name.</param>
    public static List<string> Of(ReadOnlySpan<char> text)
    {
        var words = new List<string>();
        var reader = new WordReader(text, stackalloc char[WordReader.WordLengthMax]);
        while (reader.Read())
        {
            words.Add(reader.Word.ToString());
        }

        return words;
    }

    /// <summary>Whether a text's last character belongs to a word.</summary>
    public static bool EndsWithWord(ReadOnlySpan<char> text)
    {
        var end = -1;
        var reader = new WordReader(text, stackalloc char[WordReader.WordLengthMax]);
        while (reader.Read())
        {
            end = reader.End;
        }

        return end == text.Length;
    }

    /// <summary>Where the beginning of a word ends by which summaries know it: after three letters, a letter of two halves being whole.</summary>
    /// <param name="word">A word, folded.</param>
    /// <returns>The length of the beginning; 0 if the word is shorter.</returns>
    public static int BeginningOf(ReadOnlySpan<char> word) =>
        word.Length < 3 ? 0 : char.IsHighSurrogate(word[2]) && word.Length > 3 ? 4 : 3;
}
