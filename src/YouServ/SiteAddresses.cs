using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using P2P.YouServ.Hosting;

namespace P2P.YouServ;

/// <summary>Asks sites at the machines where the coordinator says that they are: DNS may still lead to the one before, and so may connections that are open.</summary>
public static class SiteAddresses
{
    /// <summary>Makes a request to a site at a certain machine. Name and certificate are the site's.</summary>
    /// <param name="method">The method.</param>
    /// <param name="url">What is asked for, by the site's name.</param>
    /// <param name="addresses">Where the machine is: the first address that this system can reach by its family is taken. Empty to ask DNS.</param>
    public static HttpRequestMessage CreateRequest(HttpMethod method, Uri url, IReadOnlyList<IPAddress> addresses)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentNullException.ThrowIfNull(addresses);
        var address = addresses.FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork ? Socket.OSSupportsIPv4 : Socket.OSSupportsIPv6);
        if (address is null)
        {
            return new HttpRequestMessage(method, url);
        }

        // Connections are shared by what stands in the address and by the name of the certificate: those to another machine of the same name are none to this one.
        var request = new HttpRequestMessage(method, new UriBuilder(url) { Host = address.ToString() }.Uri);
        request.Headers.Host = url.IsDefaultPort ? url.Host : url.Authority;
        return request;
    }

    /// <summary>Makes what calls peers of a zone. It follows no redirection and keeps no cookies.</summary>
    /// <param name="authority">The certificate of the zone's authority (PEM), believed beside those that the system trusts; empty for none.</param>
    public static SocketsHttpHandler CreateHandler(string authority)
    {
        ArgumentNullException.ThrowIfNull(authority);
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(authority);
        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            MaxResponseHeadersLength = 32,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, errors) => PeerTrust.IsTrusted(authorities, certificate, errors) },
        };
    }
}
