using P2P.YouServ;

namespace P2P.YouSearch;

/// <summary>Says that its owner recommends a document to a group for a query.</summary>
public sealed record Recommendation
{
    /// <summary>The query in its canonical form.</summary>
    public required string Query { get; init; }

    /// <summary>The group, in lower case, to whose members it is recommended.</summary>
    public required string Group { get; init; }

    /// <summary>The site that has it.</summary>
    public required SiteName Site { get; init; }

    /// <summary>Where it is in the site.</summary>
    public required SitePath Path { get; init; }
}
