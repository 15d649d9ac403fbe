namespace P2P.YouServ.Wire;

/// <summary>What the owner's page shows of the site.</summary>
internal sealed record SiteView
{
    public required string Host { get; init; }

    public required string Owner { get; init; }

    public required string State { get; init; }

    public required string Detail { get; init; }

    /// <summary>Through whose peer visitors come; empty where they come directly.</summary>
    public required string ProxyHost { get; init; }

    /// <summary>Whether the peer carries visitors of others; if so, of how many sites now.</summary>
    public required int? SitesCarried { get; init; }

    /// <summary>How many connections of those visitors it carries now.</summary>
    public required int ConnectionsCarried { get; init; }

    public required IReadOnlyList<RuleView> Rules { get; init; }

    public required IReadOnlyList<LinkView> Links { get; init; }
}
