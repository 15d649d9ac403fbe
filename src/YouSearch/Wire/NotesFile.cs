namespace P2P.YouSearch.Wire;

/// <summary>Is how an owner's notes lie on the disk.</summary>
internal sealed record NotesFile
{
    public IReadOnlyList<NotedRecommendation> Recommendations { get; init => field = value ?? []; } = [];

    public IReadOnlyList<NotedSearch> Saved { get; init => field = value ?? []; } = [];

    public IReadOnlyList<string> Agreed { get; init => field = value ?? []; } = [];
}

/// <summary>Is a recommendation in the file.</summary>
internal sealed record NotedRecommendation
{
    public required string Query { get; init; }

    public required string Group { get; init; }

    public required string Site { get; init; }

    public required string Path { get; init; }
}

/// <summary>Is a saved search in the file.</summary>
internal sealed record NotedSearch
{
    public required string Query { get; init; }

    public required string Page { get; init; }

    public bool IncludesPrivate { get; init; }

    public required DateTimeOffset SavedAt { get; init; }
}
