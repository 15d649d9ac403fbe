using System.Net;
using System.Security.Cryptography.X509Certificates;
using P2P.YouServ.Hosting;

namespace P2P.YouServ;

/// <summary>Sets a peer up.</summary>
public sealed class PeerOptions
{
    /// <summary>The coordinators, such as <c>https://userv.example</c>; at least one. The first that answers is asked.</summary>
    public IList<Uri> Coordinators { get; } = [];

    /// <summary>The folder that is the site. It is made where it is missing. To be set.</summary>
    public string Folder { get; set; } = "";

    /// <summary>Where the peer keeps its sign-in, rules, links and log; outside of <see cref="Folder"/>, and readable to nobody else. To be set.</summary>
    public string StateFolder { get; set; } = "";

    /// <summary>What the user calls the machine; default its name. Coordinators cut it after 100 characters.</summary>
    public string Device { get; set; } = Environment.MachineName;

    /// <summary>Where visitors reach the peer: one address of IPv4, one of IPv6, or both; default the address from which it calls the coordinator.</summary>
    public IList<IPAddress> Addresses { get; } = [];

    /// <summary>At which port; default the one at which its web server listens.</summary>
    public int? Port { get; set; }

    /// <summary>Whether visitors come by HTTPS; default whether its web server listens for that.</summary>
    public bool? IsSecure { get; set; }

    /// <summary>Whether names with a dot in front are served and listed; default no: such files hold settings and passwords more often than pages.</summary>
    public bool ShowsHidden { get; set; }

    /// <summary>
    /// Whether the peer carries the connections of others whom nobody else can reach; default no. What goes through by HTTPS it cannot read; what goes through by HTTP it could.
    /// </summary>
    public bool IsProxy { get; set; }

    /// <summary>What the peer carries for others at most.</summary>
    public ProxyLimits ProxyLimits { get; set; } = new();

    /// <summary>Whether another peer may carry this one's connections where visitors cannot reach it; default yes.</summary>
    public bool UsesProxy { get; set; } = true;

    /// <summary>How often the peer looks for changes of the site that the system did not tell of, and asks owners for changes of the sites that it copies; default 3 minutes, at most 4.</summary>
    public TimeSpan ReplicationInterval { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>How many bytes the files of each site may have of which the peer keeps a copy; default 10 GiB.</summary>
    public long ReplicaLengthMax { get; set; } = 10L << 30;

    /// <summary>
    /// Whether the web server has a certificate of its own for HTTPS, as by <c>Kestrel:Certificates</c>, that visitors' browsers trust; default no: then the peer gets one from the
    /// coordinator, whose authority the organisation's browsers trust, and renews it by itself.
    /// </summary>
    public bool HasOwnCertificate { get; set; }

    /// <summary>The roots that a coordinator's certificate may come from, such as the organisation's own; without any, those that the system trusts.</summary>
    public X509Certificate2Collection TrustedAuthorities { get; } = [];

    /// <summary>
    /// Whether pages of the site may run scripts; default no. A script acts with the rights of whoever looks at it, the owner's too: switch it on if nobody but the owner puts
    /// files there.
    /// </summary>
    public bool RunsScripts { get; set; }

    /// <summary>Makes what the peer calls coordinators with, in place of the system's; it has to see to <see cref="TrustedAuthorities"/> itself.</summary>
    public Func<HttpMessageHandler>? HttpHandler { get; set; }

    internal void Validate()
    {
        if (Coordinators.Count == 0 || Coordinators.Any(uri => uri is not { IsAbsoluteUri: true, Scheme: "http" or "https" }))
        {
            throw new YouServException($"{nameof(PeerOptions)}.{nameof(Coordinators)} must name the address of at least one coordinator, such as https://userv.example.");
        }

        if (string.IsNullOrEmpty(Folder) || string.IsNullOrEmpty(StateFolder))
        {
            throw new YouServException($"{nameof(PeerOptions)}.{nameof(Folder)} and {nameof(StateFolder)} must name the folder that is the site, and one for what the peer keeps.");
        }

        var (folder, state) = (Path.GetFullPath(Folder), Path.GetFullPath(StateFolder));
        if ($"{state}{Path.DirectorySeparatorChar}".StartsWith($"{folder}{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        {
            throw new YouServException($"{nameof(PeerOptions)}.{nameof(StateFolder)} '{state}' lies within the folder '{folder}' that is the site. Name one outside of it.");
        }

        if (Addresses.Count > ReachPolicy.AddressesMax || Addresses.DistinctBy(address => address.AddressFamily).Count() != Addresses.Count)
        {
            throw new YouServException($"{nameof(PeerOptions)}.{nameof(Addresses)} must have one address of IPv4, one of IPv6, or both; they are {string.Join(", ", Addresses)}.");
        }

        ProxyLimits.Validate();
        if (ReplicationInterval < TimeSpan.FromSeconds(1) || ReplicationInterval > TimeSpan.FromMinutes(4))
        {
            throw new YouServException($"{nameof(PeerOptions)}.{nameof(ReplicationInterval)} must be a second to 4 minutes; it is {ReplicationInterval}.");
        }

        if (ReplicaLengthMax < 0)
        {
            throw new YouServException($"{nameof(PeerOptions)}.{nameof(ReplicaLengthMax)} must not be negative; it is {ReplicaLengthMax}.");
        }

        if (Port is < 1 or > 65535)
        {
            throw new YouServException($"{nameof(PeerOptions)}.{nameof(Port)} must be 1 to 65535; it is {Port}.");
        }
    }
}
