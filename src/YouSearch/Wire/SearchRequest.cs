namespace P2P.YouSearch.Wire;

/// <summary>Is what one peer asks another.</summary>
internal sealed record SearchRequest
{
    /// <summary>The query in its canonical form.</summary>
    public required string Query { get; init; }

    /// <summary>How many documents at most.</summary>
    public required int Count { get; init; }

    /// <summary>Documents to describe in place of a search, by their paths: those that the asking user may read.</summary>
    public IReadOnlyList<string>? Paths { get; init; }

    /// <summary>Whether the answer is to be signed, so that it can be shown to others of the same rights.</summary>
    public bool IsToBeSigned { get; init; }
}
