namespace P2P.YouSearch.Wire;

/// <summary>Is what a page asks.</summary>
internal sealed record PageQuery
{
    public required string Query { get; init; }

    public bool IsFresh { get; init; }
}

/// <summary>Is what an owner does with a search on the page.</summary>
internal sealed record OwnerWish
{
    public string? Query { get; init; }

    public string? Group { get; init; }

    public string? Site { get; init; }

    public string? Path { get; init; }

    public bool IncludesPrivate { get; init; }

    public bool IsSummarized { get; init; }
}

/// <summary>Is what the page shows an owner beside results.</summary>
internal sealed record OwnerState
{
    public required IReadOnlyList<NotedRecommendation> Recommendations { get; init; }

    public required IReadOnlyList<NotedSearch> Saved { get; init; }

    public required IReadOnlyList<string> Summarized { get; init; }

    public required IReadOnlyList<string> Groups { get; init; }
}

/// <summary>Says why something was not done.</summary>
internal sealed record SearchProblem(string Detail);
