namespace P2P.YouServ.Wire;

/// <summary>Lets one site's peer open a tunnel at one proxy, for a minute. The coordinator signs it.</summary>
internal sealed record TunnelPass
{
    /// <summary>How long a pass holds.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    /// <summary>The host whose visitors come through the tunnel.</summary>
    public required string Host { get; init; }

    /// <summary>The host of the proxy.</summary>
    public required string Proxy { get; init; }

    /// <summary>When the pass ends; seconds since 1970.</summary>
    public required long Expires { get; init; }
}
