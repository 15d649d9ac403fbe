using P2P.Bloom;

namespace P2P.YouSearch.Protocol;

/// <summary>Names queries to those who need not know them.</summary>
internal static class QueryKey
{
    /// <summary>Names a query for those who cache answers to it: 32 hexadecimal digits that all queries of the same meaning have.</summary>
    public static string Of(SearchQuery query)
    {
        var (first, second) = (BloomHasher.Default.Hash($"youserv query 1\n{query.Canonical}"), BloomHasher.Default.Hash($"youserv query 2\n{query.Canonical}"));
        return $"{first.Low:x16}{second.Low:x16}";
    }

    /// <summary>
    /// Gives what stands in the summary of a site whose owner recommends something for a query to a group: no word that a document may have leads to it. Each search asks for it, once for each group of its user,
    /// and hardly any site has it; two terms together are rare enough in the summaries of others that these are not asked in vain.
    /// </summary>
    public static IReadOnlyList<ulong> TermsOfRecommendation(string canonicalQuery, string group)
    {
        var hash = BloomHasher.Default.Hash($"recommended\n{group}\n{canonicalQuery}");
        return [hash.Low, hash.High];
    }
}
