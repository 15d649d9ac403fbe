using System.Runtime.InteropServices;
using P2P.YouServ;

namespace P2P.YouSearch.Index;

/// <summary>Reads an index. Each method is called in a transaction, so that all that it reads is of one state.</summary>
internal static class IndexSearch
{
    // A word in the title or the name says more of a document than one in its text.
    private const string Rank = "SELECT rowid, bm25(words, 4.0, 1.0, 1.0) FROM words WHERE words MATCH ?1 AND rowid BETWEEN ?2 AND ?3";
    private const string RankAll = "SELECT rowid, bm25(words, 4.0, 1.0, 1.0) FROM words WHERE words MATCH ?1";
    private const string Count = "SELECT count(*) FROM words WHERE words MATCH ?1 AND rowid BETWEEN ?2 AND ?3";
    private const string CountAll = "SELECT count(*) FROM words WHERE words MATCH ?1";
    private const string Terms = "SELECT hashes FROM terms WHERE id BETWEEN ?1 AND ?2";

    /// <summary>Finds out whether the tables can be read.</summary>
    public static void Probe(IndexSession session)
    {
        _ = AreaRanges.Find(session, null);
        foreach (var sql in (string[])[Rank, Count, Terms, HitReader.ById, HitReader.ByPath, HitReader.TextOf])
        {
            _ = session.Prepare(sql);
        }

        _ = session.Prepare(Count).Bind(1, "\"a\"").Bind(2, 0).Bind(3, 0).Scalar();
    }

    /// <summary>Lists the documents.</summary>
    public static IReadOnlyList<IndexedFile> List(IndexSession session)
    {
        var files = new List<IndexedFile>();
        var statement = session.Prepare("SELECT d.path, d.stamp, d.digest, a.name, d.has_text FROM documents d JOIN areas a ON a.number = d.id >> 40 ORDER BY d.id");
        while (statement.Step())
        {
            files.Add(new IndexedFile
            {
                Path = SitePath.Parse(statement.Text(0)),
                Stamp = statement.Text(1),
                Digest = statement.Text(2),
                Area = statement.Text(3),
                HasText = statement.Int64(4) != 0,
            });
        }

        return files;
    }

    /// <summary>Finds documents.</summary>
    public static IndexAnswer Search(IndexSession session, SearchQuery query, IReadOnlyCollection<string>? areas, int count, CancellationToken cancellationToken)
    {
        var ranges = AreaRanges.Find(session, areas);
        var (matches, best) = FindBest(session, MatchExpression.Of(query), ranges, areas is null, count);
        var occurrences = new Occurrences(query.Parts);
        var isOnePart = query is { Parts.Count: 1, Exclusions.Count: 0, Types.Count: 0 };
        return new IndexAnswer
        {
            Documents = ranges.Documents,
            Words = ranges.Words,
            PartDocuments = [.. query.Parts.Select(part => isOnePart ? matches : CountMatches(session, MatchExpression.Of(part), ranges, areas is null))],
            Matches = matches,
            Hits = [.. best.Select(hit => Describe(session, hit.Id, occurrences, cancellationToken))],
        };
    }

    /// <summary>Describes the document of a path.</summary>
    public static IndexHit? Describe(IndexSession session, SitePath path, SearchQuery query) => HitReader.Read(session.Prepare(HitReader.ByPath).Bind(1, path.Value), session, new Occurrences(query.Parts));

    /// <summary>Reads the terms of the documents in some areas.</summary>
    public static IReadOnlySet<ulong> ReadTerms(IndexSession session, IReadOnlyCollection<string>? areas)
    {
        var terms = new HashSet64();
        var statement = session.Prepare(Terms);
        foreach (var (first, last) in AreaRanges.Find(session, areas).Ranges)
        {
            statement.Bind(1, first).Bind(2, last);
            while (statement.Step())
            {
                foreach (var hash in MemoryMarshal.Cast<byte, ulong>(statement.Blob(0)))
                {
                    terms.Add(hash);
                }
            }
        }

        var set = new HashSet<ulong>(terms.Count);
        foreach (var hash in terms.Hashes)
        {
            set.Add(hash);
        }

        return set;
    }

    private static IndexHit Describe(IndexSession session, long id, Occurrences occurrences, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return HitReader.Read(session.Prepare(HitReader.ById).Bind(1, id), session, occurrences)!;
    }

    /// <summary>Counts the matches, and keeps the best: one pass, where ordering by rank would sort all of them and counting would find them once more.</summary>
    private static (long Matches, List<(double Rank, long Id)> Best) FindBest(IndexSession session, string expression, AreaRanges ranges, bool isAll, int count)
    {
        var best = new List<(double Rank, long Id)>();
        if (count <= 0)
        {
            return (CountMatches(session, expression, ranges, isAll), best);
        }

        var matches = 0L;
        foreach (var statement in Asked(session, isAll ? RankAll : Rank, expression, ranges, isAll))
        {
            while (statement.Step())
            {
                matches++;
                var rank = statement.Double(1);
                if (best.Count < count || rank < best[^1].Rank)
                {
                    // Of equals, the one that was found first stays in front.
                    var hit = (rank, statement.Int64(0));
                    var place = best.BinarySearch(hit);
                    best.Insert(place < 0 ? ~place : place, hit);
                    if (best.Count > count)
                    {
                        best.RemoveAt(count);
                    }
                }
            }
        }

        return (matches, best);
    }

    private static long CountMatches(IndexSession session, string expression, AreaRanges ranges, bool isAll) =>
        Asked(session, isAll ? CountAll : Count, expression, ranges, isAll).Sum(statement => statement.Scalar());

    /// <summary>Asks a question in each range, or once if there is nothing outside of them.</summary>
    private static IEnumerable<SqlStatement> Asked(IndexSession session, string sql, string expression, AreaRanges ranges, bool isAll)
    {
        var statement = session.Prepare(sql).Bind(1, expression);
        if (isAll)
        {
            yield return statement;
            yield break;
        }

        foreach (var (first, last) in ranges.Ranges)
        {
            yield return statement.Bind(2, first).Bind(3, last);
        }
    }
}
