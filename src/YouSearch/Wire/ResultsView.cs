using P2P.YouServ;

namespace P2P.YouSearch.Wire;

/// <summary>Is what a page is told of a search, each time whole.</summary>
internal sealed record ResultsView
{
    public required IReadOnlyList<ShownHit> Hits { get; init; }

    public required long Matches { get; init; }

    public required SearchProgress Progress { get; init; }

    public string? Problem { get; init; }

    public required IReadOnlyList<string> Silent { get; init; }

    public required IReadOnlyList<string> Away { get; init; }

    /// <param name="results">What was found.</param>
    /// <param name="namesSites">Whether sites are named that have not answered: to those who have signed in.</param>
    public static ResultsView Of(SearchResults results, bool namesSites) => new()
    {
        Hits = [.. results.Hits.Select(ShownHit.Of)],
        Matches = results.Matches,
        Progress = results.Progress,
        Problem = results.Problem,
        Silent = namesSites ? results.SilentSites : [],
        Away = namesSites ? results.AwaySites : [],
    };
}

/// <summary>Is a document as pages show it.</summary>
internal sealed record ShownHit
{
    public required string Site { get; init; }

    public required string Path { get; init; }

    public required string Url { get; init; }

    public required string Title { get; init; }

    public required string Type { get; init; }

    public required long Length { get; init; }

    public required DateTimeOffset ModifiedAt { get; init; }

    public required string Snippet { get; init; }

    public required IReadOnlyList<int> Marks { get; init; }

    public required Audience Audience { get; init; }

    public required IReadOnlyList<string> SameAt { get; init; }

    public required IReadOnlyList<RecommendedBy> RecommendedBy { get; init; }

    public static ShownHit Of(SearchHit hit) => new()
    {
        Site = hit.Site.Value,
        Path = hit.Path.Value,
        Url = hit.Url.AbsoluteUri,
        Title = hit.Title,
        Type = hit.Type,
        Length = hit.Length,
        ModifiedAt = hit.ModifiedAt,
        Snippet = hit.Snippet.Text,
        Marks = [.. hit.Snippet.Marks.SelectMany(mark => (int[])[mark.Start, mark.Length])],
        Audience = hit.Audience,
        SameAt = [.. hit.SameAt.Select(url => url.AbsoluteUri)],
        RecommendedBy = hit.RecommendedBy,
    };
}
