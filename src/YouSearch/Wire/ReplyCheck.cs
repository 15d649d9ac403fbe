using P2P.YouServ;

namespace P2P.YouSearch.Wire;

/// <summary>Makes of an answer, which may say anything, one that says what an answer may.</summary>
internal static class ReplyCheck
{
    /// <summary>Takes an answer.</summary>
    /// <param name="reply">The answer.</param>
    /// <param name="host">The host that was asked.</param>
    /// <param name="parts">How many parts the query has.</param>
    /// <returns>It without what cannot be; null where it answers for another site, or is none at all.</returns>
    public static SearchReply? Take(SearchReply? reply, string host, int parts)
    {
        if (reply is null || !string.Equals(reply.Host, host, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var documents = Math.Clamp(reply.Documents, 0, ReplyLimits.DocumentsMax);
        HitView[] hits = [.. reply.Hits.Take(ReplyLimits.HitsMax).OfType<HitView>().Where(IsSound).Select(hit => Take(hit, parts))];
        return reply with
        {
            Host = host,
            Documents = documents,
            Words = Math.Clamp(reply.Words, 0, documents * 1_000_000),
            PartDocuments = [.. Enumerable.Range(0, parts).Select(part => part < reply.PartDocuments.Count ? Math.Clamp(reply.PartDocuments[part], 0, documents) : 0)],
            Matches = Math.Clamp(reply.Matches, hits.Length, Math.Max(documents, hits.Length)),
            Hits = hits,
            Recommended = [.. reply.Recommended.Take(ReplyLimits.RecommendedMax).OfType<RecommendationView>().Where(recommended => SitePath.TryParse(recommended.Path, out _) && SiteName.TryParse(recommended.Site, out _))],
        };
    }

    private static bool IsSound(HitView hit) => SitePath.TryParse(hit.Path, out var path) && !path.IsRoot && Enum.IsDefined(hit.Audience);

    private static HitView Take(HitView hit, int parts)
    {
        var words = Math.Clamp(hit.Words, 1, int.MaxValue);
        var snippet = Cut(hit.Snippet, Snippet.LengthMax);
        return hit with
        {
            Title = Cut(DisplayText.Of(hit.Title.Length == 0 ? SitePath.Parse(hit.Path).Name : hit.Title), ReplyLimits.TitleLengthMax),
            Type = Cut(hit.Type, ReplyLimits.TypeLengthMax),
            Digest = Cut(hit.Digest, 64),
            Length = Math.Max(0, hit.Length),
            Words = words,
            PartFrequencies = [.. Enumerable.Range(0, parts).Select(part => part < hit.PartFrequencies.Count && hit.PartFrequencies[part] is >= 0 and var often ? Math.Min(often, words * 8.0) : 0)],
            Snippet = snippet,
            Marks = [.. MarksWithin(hit.Marks, snippet.Length)],
        };
    }

    private static IEnumerable<int> MarksWithin(IReadOnlyList<int> marks, int length)
    {
        var end = 0;
        for (var index = 0; index + 1 < marks.Count && index < 64; index += 2)
        {
            var (start, count) = (marks[index], marks[index + 1]);
            if (start < end || count <= 0 || start > length - count)
            {
                yield break;
            }

            yield return start;
            yield return count;
            end = start + count;
        }
    }

    /// <summary>Never leaves half of a pair of surrogates at the end.</summary>
    private static string Cut(string text, int length) =>
        text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
}
