using QuickStart.Sites;

namespace QuickStart.Search;

/// <summary>Picks a word that stands in few documents, best at several sites, and knows which documents these are from reading all.</summary>
/// <param name="Word">The word.</param>
/// <param name="Documents">The documents that hold it.</param>
internal sealed record WordChoice(string Word, IReadOnlyList<Document> Documents)
{
    private const int LengthMin = 5;

    private const int LengthMax = 20;

    private const int FewMax = 6;

    /// <summary>Scripts up to here put blanks between words.</summary>
    private const int LastCharacter = 0x52F;

    public static WordChoice Of(IReadOnlyList<Document> documents)
    {
        var holders = new Dictionary<string, List<Document>>(StringComparer.Ordinal);
        var folded = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var document in documents)
        {
            foreach (var word in PlainWords.In(document.Text).Distinct().Select(Fold).Distinct())
            {
                if (!holders.TryGetValue(word, out var list))
                {
                    holders[word] = list = [];
                }

                list.Add(document);
            }
        }

        // A document is found by its name as well, which is none of its text.
        foreach (var word in documents.SelectMany(document => PlainWords.In(document.Path)).Select(Fold).Distinct())
        {
            holders.Remove(word);
        }

        var best = holders.Where(pair => IsWord(pair.Key)).OrderByDescending(pair => pair.Value.Exists(document => document.IsInput))
            .ThenByDescending(pair => pair.Value.Count < documents.Count)
            .ThenByDescending(pair => pair.Value.Count is > 1 and <= FewMax)
            .ThenByDescending(pair => pair.Value.Count <= FewMax)
            .ThenByDescending(pair => pair.Value.Select(document => document.Owner).Distinct().Count())
            .ThenByDescending(pair => pair.Key.Length)
            .ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .First();
        return new(best.Key, best.Value);

        string Fold(string word) => folded.TryGetValue(word, out var form) ? form : folded[word] = PlainWords.Fold(word);
    }

    private static bool IsWord(string word) =>
        word.Length is >= LengthMin and <= LengthMax && word.All(letter => letter <= LastCharacter && char.IsLetter(letter)) && PlainWords.Fold(word) == word;
}
