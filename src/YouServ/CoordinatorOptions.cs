using System.Net;
using P2P.YouServ.Dns;

namespace P2P.YouServ;

/// <summary>Sets a coordinator up.</summary>
public sealed class CoordinatorOptions
{
    /// <summary>The zone in which sites have their names, such as <c>userv.example</c>: joe's is then <c>joe.userv.example</c>. To be set.</summary>
    public string Zone { get; set; } = "";

    /// <summary>
    /// Where browsers find the coordinator, such as <c>https://userv.example</c>. Without it, requests are believed that come from a page of the host which they name.
    /// </summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>
    /// How often peers are to be heard; 1 s to 10 min, default 15 s. A peer that misses two heartbeats in a row loses its name after two and a half intervals. Less notices
    /// sooner, and makes more requests.
    /// </summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a browser stays signed in; 1 min to 90 days, default 12 hours.</summary>
    public TimeSpan BrowserSessionLifetime { get; set; } = TimeSpan.FromHours(12);

    /// <summary>How long a peer stays signed in without the password; 1 min to 2 years, default 90 days.</summary>
    public TimeSpan PeerSessionLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>
    /// How often the coordinator connects to each peer to see whether visitors can; 1 s to 1 day, default 5 min. After two failures in a row the peer loses its name.
    /// </summary>
    public TimeSpan AvailabilityCheckInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long others may keep an answer of DNS; 1 s to 1 hour, default 10 s. Less makes hand-overs quicker, and more queries.</summary>
    public TimeSpan DnsTimeToLive { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long certificates hold that the coordinator issues to peers; 1 hour to 90 days, default 7 days. They are renewed when a third of it is left, and never revoked: less limits
    /// what a stolen one is good for.
    /// </summary>
    public TimeSpan CertificateLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Whether the coordinator's web server has a certificate of its own for HTTPS, as by <c>Kestrel:Certificates</c>; default no: then the coordinator issues one to itself.
    /// </summary>
    public bool HasOwnCertificate { get; set; }

    /// <summary>
    /// Whether browsers and peers may sign in over HTTP without TLS, from other machines; default no. Who can read the wire can then be whoever signs in.
    /// </summary>
    public bool AllowPlainHttp { get; set; }

    /// <summary>
    /// Where peers may be beside the address from which they call: the coordinator connects there for them. Default none, so that nobody can make it connect elsewhere.
    /// </summary>
    public IList<IPNetwork> PeerNetworks { get; } = [];

    /// <summary>Names that no new site gets, such as those of other machines in the zone. Default none; <c>www</c>, <c>mail</c>, <c>ns1</c> and their like are kept from sites anyway.</summary>
    public IList<SiteName> ReservedNames { get; } = [];

    /// <summary>What the coordinator's pages lead to beside its own, such as a search that the application maps. Default none.</summary>
    public IList<PageEntry> Entries { get; } = [];

    internal void Validate()
    {
        // The label of a site has to find room in a name (RFC 1035 §2.3.4).
        if (Zone is not { Length: > 0 and < DnsName.LengthMax - SiteName.LengthMax } || !Zone.Split('.').All(label => SiteName.TryParse(label, out _)))
        {
            throw new YouServException($"{nameof(CoordinatorOptions)}.{nameof(Zone)} must be the name of a zone, such as userv.example; it is '{Zone}'.");
        }

        if (PublicUrl is not (null or { IsAbsoluteUri: true, Scheme: "http" or "https", PathAndQuery: "/", Fragment: "" }))
        {
            throw new YouServException($"{nameof(CoordinatorOptions)}.{nameof(PublicUrl)} must be the root of a host, such as https://userv.example; it is '{PublicUrl}'.");
        }

        Zone = Zone.ToLowerInvariant();
        Check(nameof(HeartbeatInterval), HeartbeatInterval, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        Check(nameof(BrowserSessionLifetime), BrowserSessionLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(90));
        Check(nameof(PeerSessionLifetime), PeerSessionLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(731));
        Check(nameof(AvailabilityCheckInterval), AvailabilityCheckInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Check(nameof(CertificateLifetime), CertificateLifetime, TimeSpan.FromHours(1), TimeSpan.FromDays(90));
        Check(nameof(DnsTimeToLive), DnsTimeToLive, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
    }

    private static void Check(string name, TimeSpan value, TimeSpan min, TimeSpan max)
    {
        if (value < min || value > max)
        {
            throw new YouServException($"{nameof(CoordinatorOptions)}.{name} must be between {min} and {max}; it is {value}.");
        }
    }
}
