using P2P.YouServ;

namespace P2P.YouSearch;

/// <summary>Is a query whose results are kept as a page of one's own site.</summary>
public sealed record SavedSearch
{
    /// <summary>The query in its canonical form.</summary>
    public required string Query { get; init; }

    /// <summary>The page: a file of the site, whose rules say who may read it.</summary>
    public required SitePath Page { get; init; }

    /// <summary>Whether documents are on it that not everyone may read.</summary>
    public bool IncludesPrivate { get; init; }

    /// <summary>When its results were gathered.</summary>
    public required DateTimeOffset SavedAt { get; init; }
}
