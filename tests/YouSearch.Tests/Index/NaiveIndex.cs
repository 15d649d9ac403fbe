using P2P.YouSearch;
using P2P.YouSearch.Protocol;

namespace YouSearch.Tests.Index;

/// <summary>Finds what an index has to find, by reading every document again.</summary>
internal sealed class NaiveIndex
{
    private readonly Dictionary<string, (IndexedFile File, ExtractedText? Text)> _documents = [];

    public IEnumerable<string> Paths => _documents.Keys;

    public void Apply(IndexChange change)
    {
        switch (change)
        {
            case IndexChange.Put put:
                _documents[put.File.Path.Value] = (put.File, put.Text);
                break;
            case IndexChange.Moved moved:
                if (_documents.TryGetValue(moved.From.Value, out var document))
                {
                    _documents.Remove(moved.From.Value);
                    _documents[moved.File.Path.Value] = (moved.File, document.Text);
                }
                else
                {
                    _documents.Remove(moved.File.Path.Value);
                }

                break;
            case IndexChange.Removed removed:
                _documents.Remove(removed.Path.Value);
                break;
        }
    }

    /// <summary>Answers as an index does, the best left aside: what there is, what matches, and how often.</summary>
    public string Answer(SearchQuery query, IReadOnlyCollection<string>? areas)
    {
        var visible = _documents.Values.Where(document => areas?.Contains(document.File.Area) != false).ToList();
        var matching = visible.Where(document => Matches(document, query)).OrderBy(document => document.File.Path.Value, StringComparer.Ordinal).ToList();
        var hits = matching.Select(document => $"{document.File.Path.Value}[{string.Join(',', query.Parts.Select(part => Frequency(document, part)))}]");
        return $"{visible.Count} documents, {visible.Sum(document => Fields(document).Sum(field => field.Words.Count))} words, {string.Join(',', query.Parts.Select(part => visible.Count(document => Frequency(document, part) > 0)))}: {string.Join(' ', hits)}";
    }

    public static string Answer(IndexAnswer answer) =>
        $"{answer.Documents} documents, {answer.Words} words, {string.Join(',', answer.PartDocuments)}: {string.Join(' ', answer.Hits.OrderBy(hit => hit.Path.Value, StringComparer.Ordinal).Select(hit => $"{hit.Path.Value}[{string.Join(',', hit.PartFrequencies)}]"))}";

    private static bool Matches((IndexedFile File, ExtractedText? Text) document, SearchQuery query) =>
        query.Parts.All(part => Frequency(document, part) > 0)
        && query.Exclusions.All(part => Frequency(document, part) == 0)
        && (query.Types.Count == 0 || query.Types.Contains(document.Text?.Type ?? ""));

    private static double Frequency((IndexedFile File, ExtractedText? Text) document, QueryPart part) =>
        Fields(document).Sum(field => field.Weight * Enumerable.Range(0, Math.Max(0, field.Words.Count - part.Words.Count + 1)).Count(start => StandsAt(field.Words, start, part)));

    private static bool StandsAt(List<string> words, int start, QueryPart part) =>
        Enumerable.Range(0, part.Words.Count).All(i => part.IsPrefix && i == part.Words.Count - 1 ? words[start + i].StartsWith(part.Words[i], StringComparison.Ordinal) : words[start + i] == part.Words[i]);

    private static IEnumerable<(List<string> Words, double Weight)> Fields((IndexedFile File, ExtractedText? Text) document) =>
    [
        (Words.Of(document.Text?.Title), 4),
        (Words.Of(document.File.Path.Name), 4),
        (Words.Of(document.File.Path.Parent.Value), 1),
        (Words.Of(document.Text?.Text), 1),
    ];
}
