namespace P2P.YouSearch;

/// <summary>Is what a search has found so far.</summary>
public sealed record SearchResults
{
    /// <summary>The best documents of all that were found, recommended ones first, then the best.</summary>
    public required IReadOnlyList<SearchHit> Hits { get; init; }

    /// <summary>How many documents match at the sites that have answered, those of equal content counted each.</summary>
    public required long Matches { get; init; }

    /// <summary>How far the search has come.</summary>
    public required SearchProgress Progress { get; init; }

    /// <summary>Why not all sites that may have an answer were asked, for people; null if they were.</summary>
    public string? Problem { get; init; }

    /// <summary>Sites that have not answered in time; they were asked, and may have more.</summary>
    public IReadOnlyList<string> SilentSites { get; init; } = [];

    /// <summary>Sites that nobody serves at this moment; they may have more.</summary>
    public IReadOnlyList<string> AwaySites { get; init; } = [];
}
