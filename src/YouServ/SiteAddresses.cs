using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using P2P.YouServ.Hosting;

namespace P2P.YouServ;

/// <summary>Asks sites at the machines where the coordinator says that they are: DNS may still lead to the one before, and so may connections that are open.</summary>
public static class SiteAddresses
{
    private static readonly HttpRequestOptionsKey<IPAddress> Address = new("youserv.address");

    /// <summary>Makes a request to a site at a certain machine, for what <see cref="CreateHandler"/> has made. Name and certificate are the site's.</summary>
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

        // Connections are kept by the host of the address: one for each site at each machine, since a machine may serve several, and a site be served by another one soon. The name, which certificates
        // are for, comes from the header.
        var place = address.ToString().Replace(':', '-').Replace('.', '-').Replace('%', '-');
        var request = new HttpRequestMessage(method, new UriBuilder(url) { Host = $"at-{place}.{url.Host}" }.Uri);
        request.Headers.Host = url.IsDefaultPort ? url.Host : url.Authority;
        request.Options.Set(Address, address);
        return request;
    }

    /// <summary>Makes what calls peers of a zone. It follows no redirection and keeps no cookies.</summary>
    /// <param name="authority">The certificate of the zone's authority (PEM), believed beside those that the system trusts; empty for none.</param>
    internal static SocketsHttpHandler CreateHandler(string authority)
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
            ConnectCallback = ConnectAsync,
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, errors) => PeerTrust.IsTrusted(authorities, certificate, errors) },
        };
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (context.InitialRequestMessage.Options.TryGetValue(Address, out var address))
            {
                await socket.ConnectAsync(address, context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            }

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
