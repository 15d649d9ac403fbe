using System.Net;
using System.Security.Cryptography.X509Certificates;
using P2P.YouServ.Dns;

namespace YouServ.Tests.Sites;

/// <summary>Says where a village stands. Without more it is on loopback, on ports of the system's choice, and speaks plain HTTP.</summary>
internal sealed record VillageGround
{
    public string Zone { get; init; } = Village.Zone;

    /// <summary>Who is told of names; without one they are only remembered.</summary>
    public IDnsPublisher? Dns { get; init; }

    /// <summary>The address of each user's peer, and of the coordinator under the empty name, at port 443.</summary>
    public IReadOnlyDictionary<string, IPAddress>? Places { get; init; }

    /// <summary>What all of them show who comes by HTTPS.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Who has issued it.</summary>
    public X509Certificate2? Authority { get; init; }

    public string Scheme => Certificate is null ? "http" : "https";

    /// <summary>Whom the peers believe.</summary>
    public X509ChainPolicy? Trust()
    {
        if (Authority is null)
        {
            return null;
        }

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(Authority);
        return policy;
    }
}
