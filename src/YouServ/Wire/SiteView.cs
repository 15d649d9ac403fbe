namespace P2P.YouServ.Wire;

/// <summary>What the owner's page shows of the site.</summary>
internal sealed record SiteView
{
    public required string Host { get; init; }

    public required string Owner { get; init; }

    public required string State { get; init; }

    public required string Detail { get; init; }

    public required IReadOnlyList<RuleView> Rules { get; init; }

    public required IReadOnlyList<LinkView> Links { get; init; }
}
