using P2P.Bloom;
using P2P.YouSearch.Extraction;
using P2P.YouSearch.Index;
using P2P.YouSearch.Protocol;
using P2P.YouServ;

namespace P2P.YouSearch;

/// <summary>
/// Says what stands in the summary of a document, and what a query asks of it, by 64-bit hashes: its words, its type, and the beginnings of its words, so that a query for the beginning of one
/// asks few peers.
/// </summary>
public static class SummaryTerms
{
    // Neither character stands in words, so that no word has the hash of a type or of a beginning on purpose.
    private const string TypeMark = "type:";
    private const char BeginningMark = '*';

    /// <summary>Gives what a peer's summary must hold for the peer to be asked: all of the hashes. A phrase asks for its words; the beginning of a word of three letters or more for its first three.</summary>
    /// <param name="query">The query.</param>
    /// <returns>For each of the query's types, or once if it names none, the hashes.</returns>
    public static IReadOnlyList<IReadOnlyList<ulong>> Of(SearchQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var terms = new List<ulong>();
        foreach (var part in query.Parts)
        {
            for (var i = 0; i < part.Words.Count; i++)
            {
                var word = part.Words[i];
                if (!part.IsPrefix || i < part.Words.Count - 1)
                {
                    terms.Add(OfWord(word));
                }
                else if (Words.BeginningOf(word) is var length and > 0)
                {
                    terms.Add(OfBeginning(word.AsSpan(0, length)));
                }
            }
        }

        ulong[] distinct = [.. terms.Distinct()];
        return query.Types is [] ? [distinct] : [.. query.Types.Select(type => (ulong[])[OfType(type), .. distinct])];
    }

    /// <summary>
    /// Gives what a peer's summary must hold of a document, so that the peer is asked by every query that finds it: the words of its text, its title and its path, their beginnings, and its type.
    /// An index of one's own answers <see cref="ISearchIndex.ReadTermsAsync"/> with these of all its documents.
    /// </summary>
    /// <param name="path">Where the document is.</param>
    /// <param name="text">What can be read in it; null where no extractor knows its kind.</param>
    public static IReadOnlySet<ulong> OfDocument(SitePath path, ExtractedText? text)
    {
        var words = new DocumentWords();
        words.Read(path, TextCollector.TitleOf(text?.Title), DocumentType.Of(path, text), text?.Text ?? "");
        return words.Terms.ToArray().ToHashSet();
    }

    /// <summary>Gives the hash of a word that a document has.</summary>
    internal static ulong OfWord(ReadOnlySpan<char> word) => BloomHasher.Default.Hash(word).Low;

    /// <summary>Gives the hash of a document's type.</summary>
    internal static ulong OfType(string type) => BloomHasher.Default.Hash($"{TypeMark}{type}").Low;

    /// <summary>Gives the hash of the beginning that a document's word has.</summary>
    /// <param name="beginning">As many letters of it as <see cref="Words.BeginningOf"/> says.</param>
    internal static ulong OfBeginning(ReadOnlySpan<char> beginning)
    {
        Span<char> term = stackalloc char[WordReader.WordLengthMax + 1];
        beginning.CopyTo(term);
        term[beginning.Length] = BeginningMark;
        return BloomHasher.Default.Hash(term[..(beginning.Length + 1)]).Low;
    }
}
