using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using P2P.Bloom;

namespace P2P.YouSearch.Wire;

/// <summary>Names queries to those who need not know them.</summary>
internal static class QueryKey
{
    /// <summary>How many characters a name has.</summary>
    public const int Length = 32;

    /// <summary>Names a query for those who keep answers to it, and for what sites sign: all queries of the same meaning, and of the same number of documents that sites are asked for, have one name, and no others have it.</summary>
    public static string Of(SearchQuery query, int count) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"youserv query 1\n{count}\n{query.Canonical}"))))[..Length];

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
