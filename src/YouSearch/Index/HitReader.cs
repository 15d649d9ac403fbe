using System.Buffers;
using System.Text;
using P2P.YouServ;

namespace P2P.YouSearch.Index;

/// <summary>Describes documents for hits: what is known of them, how often a query's parts stand in them, and a passage.</summary>
internal static class HitReader
{
    public const string ById = Columns + "d.id = ?1";
    public const string ByPath = Columns + "d.path = ?1";
    public const string TextOf = "SELECT text FROM texts WHERE id = ?1";

    /// <summary>How many times an occurrence in the title or the name counts.</summary>
    public const double TitleWeight = 4;

    private const string Columns =
        "SELECT d.id, d.path, a.name, d.digest, d.title, d.type, d.length, d.modified, d.words FROM documents d JOIN areas a ON a.number = d.id >> 40 WHERE ";

    /// <summary>Reads a document.</summary>
    /// <param name="document">One of the statements of this class, bound.</param>
    /// <param name="session">Where it is read.</param>
    /// <param name="occurrences">Counts the query's parts.</param>
    /// <returns>The document; null if there is none.</returns>
    public static IndexHit? Read(SqlStatement document, IndexSession session, Occurrences occurrences)
    {
        if (!document.Step())
        {
            return null;
        }

        var (id, path, title) = (document.Int64(0), SitePath.Parse(document.Text(1)), document.TextOrNull(4));
        occurrences.Reset();
        occurrences.Read(title, TitleWeight);
        occurrences.Read(path.Name, TitleWeight);
        occurrences.Read(path.Parent.Value, 1);
        var hit = new IndexHit
        {
            Path = path,
            Area = document.Text(2),
            Digest = document.Text(3),
            Title = title ?? path.Name,
            Type = document.Text(5),
            Length = document.Int64(6),
            ModifiedAt = new DateTimeOffset(document.Int64(7), TimeSpan.Zero),
            Words = document.Int64(8),
            PartFrequencies = occurrences.Frequencies,
            Snippet = ReadText(session, id, occurrences),
        };
        document.Reset();
        return hit;
    }

    private static Snippet ReadText(IndexSession session, long id, Occurrences occurrences)
    {
        var statement = session.Prepare(TextOf).Bind(1, id);
        if (!statement.Step())
        {
            return Snippet.Empty;
        }

        var bytes = statement.Blob(0);
        var characters = ArrayPool<char>.Shared.Rent(bytes.Length);
        try
        {
            var text = characters.AsSpan(0, Encoding.UTF8.GetChars(bytes, characters));
            occurrences.Read(text, weight: 1, isText: true);
            return Passage.Of(text, occurrences.Places, occurrences.PartCount);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters);
            statement.Reset();
        }
    }
}
