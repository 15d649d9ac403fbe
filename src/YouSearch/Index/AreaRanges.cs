namespace P2P.YouSearch.Index;

/// <summary>
/// Says where the documents of some areas are. A document's number is that of its area, and behind it one of its own, so that an area is a range of numbers; FTS5 and SQLite keep to ranges without reading what lies outside.
/// </summary>
internal sealed class AreaRanges
{
    /// <summary>How many bits of a document's number are its own.</summary>
    public const int DocumentBits = 40;

    private AreaRanges(IReadOnlyList<(long First, long Last)> ranges, long documents, long words) => (Ranges, Documents, Words) = (ranges, documents, words);

    /// <summary>The ranges, ascending.</summary>
    public IReadOnlyList<(long First, long Last)> Ranges { get; }

    /// <summary>How many documents there are in them.</summary>
    public long Documents { get; }

    /// <summary>How many words these have.</summary>
    public long Words { get; }

    /// <summary>Gives the first number that a document of an area may have.</summary>
    public static long FirstOf(long area) => area << DocumentBits;

    /// <summary>Gives the last number that a document of an area may have.</summary>
    public static long LastOf(long area) => FirstOf(area + 1) - 1;

    /// <summary>Gives a document's area.</summary>
    public static long AreaOf(long document) => document >> DocumentBits;

    /// <summary>Finds areas.</summary>
    /// <param name="session">In a transaction.</param>
    /// <param name="areas">Their names; null for all.</param>
    public static AreaRanges Find(IndexSession session, IReadOnlyCollection<string>? areas)
    {
        var wanted = areas as IReadOnlySet<string> ?? areas?.ToHashSet(StringComparer.Ordinal);
        var ranges = new List<(long First, long Last)>();
        var (documents, words, isJoined) = (0L, 0L, false);
        var statement = session.Prepare("SELECT number, name, documents, words FROM areas ORDER BY number");
        while (statement.Step())
        {
            if (wanted?.Contains(statement.Text(1)) == false)
            {
                isJoined = false;
                continue;
            }

            // Between neighbours that are both wanted there is nothing: one range saves reading the words' lists twice.
            var area = statement.Int64(0);
            var first = isJoined ? ranges[^1].First : FirstOf(area);
            if (isJoined)
            {
                ranges.RemoveAt(ranges.Count - 1);
            }

            ranges.Add((first, LastOf(area)));
            isJoined = true;
            documents += statement.Int64(2);
            words += statement.Int64(3);
        }

        return new AreaRanges(ranges, documents, words);
    }
}
