namespace P2P.YouSearch;

/// <summary>Is what an index has found, with the statistics by which what several indexes have found is comparable. Everything in it was counted in the areas that were asked for, and nowhere else.</summary>
public sealed record IndexAnswer
{
    /// <summary>How many documents there are.</summary>
    public required long Documents { get; init; }

    /// <summary>How many words they have together.</summary>
    public required long Words { get; init; }

    /// <summary>For each of <see cref="SearchQuery.Parts"/>, in their order, how many documents match it.</summary>
    public required IReadOnlyList<long> PartDocuments { get; init; }

    /// <summary>How many documents match the whole query.</summary>
    public required long Matches { get; init; }

    /// <summary>The best of them, best first.</summary>
    public required IReadOnlyList<IndexHit> Hits { get; init; }
}
