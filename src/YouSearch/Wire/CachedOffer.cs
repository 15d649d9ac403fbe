namespace P2P.YouSearch.Wire;

/// <summary>Offers to answer a query for others.</summary>
/// <param name="Key">What names the query.</param>
/// <param name="Sequence">The registrar's count of changes when it named the sites that were asked.</param>
internal sealed record CachedOffer(string Key, long Sequence);
