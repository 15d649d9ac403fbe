namespace P2P.YouSearch;

/// <summary>
/// Says what stands in the summary of a document, and what a query asks of it, by 64-bit hashes: its words, its type, and the beginnings of its words, so that a query for the beginning of one
/// asks few peers.
/// </summary>
public static class SummaryTerms
{
    /// <summary>Gives what a peer's summary must hold for the peer to be asked: all of the hashes. A phrase asks for its words; the beginning of a word of three letters or more for its first three.</summary>
    /// <param name="query">The query.</param>
    /// <returns>For each of the query's types, or once if it names none, the hashes.</returns>
    public static IReadOnlyList<IReadOnlyList<ulong>> Of(SearchQuery query) => throw new NotImplementedException();
}
