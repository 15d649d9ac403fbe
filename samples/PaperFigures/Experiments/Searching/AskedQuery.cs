using P2P.YouSearch;

namespace PaperFigures.Experiments.Searching;

/// <summary>Is something that people look for.</summary>
/// <param name="Query">The query.</param>
/// <param name="Words">Its words, by their ranks.</param>
internal sealed record WantedQuery(SearchQuery Query, int[] Words);

/// <summary>Says who looks for it when.</summary>
/// <param name="Wanted">What.</param>
/// <param name="Peer">At which peer.</param>
/// <param name="At">When.</param>
internal sealed record AskedQuery(WantedQuery Wanted, int Peer, TimeSpan At);

/// <summary>Says that a site gets a word that it did not have, and loses another.</summary>
internal sealed record SiteChange(int Peer, TimeSpan At, int Added, int Removed);
