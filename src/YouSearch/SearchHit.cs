using P2P.YouServ;

namespace P2P.YouSearch;

/// <summary>Is a document that somebody's site has for a query. All texts come from others' machines: they are text, and no markup.</summary>
public sealed record SearchHit
{
    /// <summary>The site that has it.</summary>
    public required SiteName Site { get; init; }

    /// <summary>Where it is in the site.</summary>
    public required SitePath Path { get; init; }

    /// <summary>Where browsers find it.</summary>
    public required Uri Url { get; init; }

    /// <summary>What it calls itself; else the name of the file.</summary>
    public required string Title { get; init; }

    /// <summary>What kind of document it is, as <c>type:</c> names it.</summary>
    public required string Type { get; init; }

    /// <summary>Its length in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>When it was changed last, as its machine says.</summary>
    public required DateTimeOffset ModifiedAt { get; init; }

    /// <summary>The passage that shows best why it matches.</summary>
    public required Snippet Snippet { get; init; }

    /// <summary>Who may read it. One that is not for everyone is not to be shown to everyone either.</summary>
    public required Audience Audience { get; init; }

    /// <summary>The SHA-256 of its content, in hexadecimal.</summary>
    public required string Digest { get; init; }

    /// <summary>How well it matches (BM25 over what all sites that have answered say of the query's words); comparable within one search only.</summary>
    public required double Score { get; init; }

    /// <summary>Where else documents of the same content are, the best first; not listed by themselves.</summary>
    public IReadOnlyList<Uri> SameAt { get; init; } = [];

    /// <summary>Who recommends it for this query to a group of the one who asks; empty if nobody does. Recommended hits come first.</summary>
    public IReadOnlyList<RecommendedBy> RecommendedBy { get; init; } = [];
}
