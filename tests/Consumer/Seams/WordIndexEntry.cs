using P2P.YouSearch;

namespace Consumer.Seams;

/// <summary>Is a document with its words, in their order.</summary>
internal sealed class WordIndexEntry(IndexedFile file, long length, DateTimeOffset modifiedAt, ExtractedText? text)
{
    public IndexedFile File { get; } = file;

    public long Length { get; } = length;

    public ExtractedText? Text { get; } = text;

    public IReadOnlyList<string> Words { get; } = [.. SearchQuery.WordsOf(file.Path.Value), .. SearchQuery.WordsOf(text?.Title), .. SearchQuery.WordsOf(text?.Text)];

    private string Type { get; } = text?.Type ?? Path.GetExtension(file.Path.Name).TrimStart('.').ToLowerInvariant();

    public bool Matches(SearchQuery query) =>
        query.Parts.All(part => FrequencyOf(part) > 0) && !query.Exclusions.Any(part => FrequencyOf(part) > 0) && (query.Types is [] || query.Types.Contains(Type));

    /// <summary>Counts where the words of a part stand one after the other; of the last, its beginning may do.</summary>
    public int FrequencyOf(QueryPart part) => Enumerable.Range(0, Math.Max(0, Words.Count - part.Words.Count + 1))
        .Count(start => part.Words.Index().All(wanted => part.IsPrefix && wanted.Index == part.Words.Count - 1
            ? Words[start + wanted.Index].StartsWith(wanted.Item, StringComparison.Ordinal)
            : Words[start + wanted.Index] == wanted.Item));

    public IndexHit ToHit(SearchQuery query) => new()
    {
        Path = File.Path,
        Area = File.Area,
        Digest = File.Digest,
        Title = Text?.Title ?? File.Path.Name,
        Type = Type,
        Length = Length,
        ModifiedAt = modifiedAt,
        Words = Words.Count,
        PartFrequencies = [.. query.Parts.Select(part => (double)FrequencyOf(part))],
        Snippet = new(Text is { } read ? read.Text[..Math.Min(read.Text.Length, Snippet.LengthMax)] : "", []),
    };
}
