using System.Net;

namespace P2P.YouServ;

/// <summary>Lets one peer serve a site for a while. Heartbeats renew it; the peer that comes last holds it.</summary>
public sealed record SiteLease
{
    /// <summary>The lease's id, which heartbeats name; no secret.</summary>
    public required string Id { get; init; }

    /// <summary>Where the peer was found, one address of IPv4, of IPv6, or of both.</summary>
    public required IReadOnlyList<IPAddress> Addresses { get; init; }

    /// <summary>The port at which its web server listens.</summary>
    public required int Port { get; init; }

    /// <summary>Whether it speaks HTTPS there.</summary>
    public bool IsSecure { get; init; }

    /// <summary>The <see cref="SessionRecord.TokenHash"/> of the peer's session, by which it proves that it is the one when somebody connects to it.</summary>
    public required string TokenHash { get; init; }

    /// <summary>What its owner calls the machine; may be empty.</summary>
    public string Device { get; init; } = "";

    /// <summary>Whether it carries the connections of peers that nobody else can reach.</summary>
    public bool IsProxy { get; init; }

    /// <summary>The site whose peer carries this one's connections; null where visitors reach the peer itself. <see cref="Addresses"/> and <see cref="Port"/> are that peer's then.</summary>
    public SiteName? Via { get; init; }

    /// <summary>The site whose peer stands in for the owner's with its copy; null where the owner's own peer serves.</summary>
    public SiteName? Holder { get; init; }

    /// <summary>When it was granted, by the store's clock.</summary>
    public required DateTimeOffset GrantedAt { get; init; }

    /// <summary>When it lapses unless it is renewed, by the store's clock.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
