using System.Net;

namespace P2P.YouServ;

/// <summary>Is all that the coordinator knows of a site.</summary>
public sealed record SiteRecord
{
    /// <summary>The site's name, which it keeps.</summary>
    public required SiteName Name { get; init; }

    /// <summary>Whose it is.</summary>
    public required UserId Owner { get; init; }

    /// <summary>What the owner is called; shown to people.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>
    /// The number of the last change, which the store gives: of two changes, of whatever sites, the later has the higher. Renewals are no changes.
    /// </summary>
    public long Version { get; init; }

    /// <summary>The lease of the peer that serves the site; null while nobody does.</summary>
    public SiteLease? Lease { get; init; }

    /// <summary>Whether somebody else's machine has stood in with its copy since the owner's last had the name.</summary>
    public bool WasHeld { get; init; }

    /// <summary>Where the name points.</summary>
    public IReadOnlyList<IPAddress> Addresses => Lease?.Addresses ?? [];
}
