namespace P2P.YouServ;

/// <summary>Limits what a peer carries for others (<see cref="PeerOptions.IsProxy"/>), so that no site takes what others and the owner need.</summary>
public sealed record ProxyLimits
{
    /// <summary>For how many sites at most; default 64. Further ones find somebody else. A site takes one connection.</summary>
    public int SitesMax { get; init; } = 64;

    /// <summary>How many connections of visitors each site has at most, 1 to 1,024; default 256. Further visitors are turned away. Each may take 1 MiB of memory while its visitor reads slowly.</summary>
    public int ConnectionsPerSiteMax { get; init; } = 256;

    /// <summary>How many bytes a second go through for each site at most, both ways together, at least 65,536; default no limit. More waits.</summary>
    public long? BytesPerSecondMax { get; init; }

    internal void Validate()
    {
        if (SitesMax < 1 || ConnectionsPerSiteMax is < 1 or > Hosting.Tunnel.LanesMax || BytesPerSecondMax < 65_536)
        {
            throw new YouServException(
                $"{nameof(PeerOptions)}.{nameof(PeerOptions.ProxyLimits)} must allow at least one site, 1 to {Hosting.Tunnel.LanesMax} connections for each, and 65536 bytes a second or any number; they are {this}.");
        }
    }
}
