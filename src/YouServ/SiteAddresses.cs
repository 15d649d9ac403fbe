using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using P2P.YouServ.Hosting;

namespace P2P.YouServ;

/// <summary>Says with a request where the machine is that serves a site, as the coordinator has told: DNS may still lead to the one before it.</summary>
public static class SiteAddresses
{
    private static readonly HttpRequestOptionsKey<IReadOnlyList<IPAddress>> Key = new("youserv.addresses");

    /// <summary>Notes the addresses with a request. Those of the first request of a connection decide where it leads.</summary>
    /// <param name="request">The request.</param>
    /// <param name="addresses">The addresses; empty to ask DNS.</param>
    public static void Set(HttpRequestMessage request, IReadOnlyList<IPAddress> addresses)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(addresses);
        request.Options.Set(Key, addresses);
    }

    /// <summary>Makes what calls peers of a zone.</summary>
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
            ConnectCallback = ConnectAsync,
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, errors) => PeerTrust.IsTrusted(authorities, certificate, errors) },
        };
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (context.InitialRequestMessage.Options.TryGetValue(Key, out var addresses) && addresses.Count > 0)
            {
                await socket.ConnectAsync([.. addresses], context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false);
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
