using P2P.YouServ;

namespace P2P.YouSearch;

/// <summary>Is a document that matches a query.</summary>
public sealed record IndexHit
{
    /// <summary>Where it is in the site.</summary>
    public required SitePath Path { get; init; }

    /// <summary>The <see cref="IndexedFile.Area"/> to which it belongs.</summary>
    public required string Area { get; init; }

    /// <summary>The SHA-256 of its content, in hexadecimal.</summary>
    public required string Digest { get; init; }

    /// <summary>What it calls itself; else the name of the file. Text, no markup.</summary>
    public required string Title { get; init; }

    /// <summary>What kind of document it is, as <c>type:</c> names it, such as <c>pdf</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Its length in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>When it was changed last.</summary>
    public required DateTimeOffset ModifiedAt { get; init; }

    /// <summary>How many words it has.</summary>
    public required long Words { get; init; }

    /// <summary>For each of <see cref="SearchQuery.Parts"/>, in their order, how often it stands in the document; an occurrence in the title or the name counts several times.</summary>
    public required IReadOnlyList<double> PartFrequencies { get; init; }

    /// <summary>The passage that shows best why it matches.</summary>
    public required Snippet Snippet { get; init; }
}
