using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>
/// Makes a connection secret and mutual. Nobody certifies hosts: a certificate is only the envelope of a key, TLS proves that the far end
/// holds it, and what the key may speak for is told by the delegations that follow.
/// </summary>
internal static class TlsHandshake
{
    /// <exception cref="AuthenticationException">The far end doesn't speak this TLS.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public static async Task<SecureChannel> AcceptAsync(Socket socket, HostIdentity identity, CancellationToken cancellationToken)
    {
        var tls = Wrap(socket);
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = identity.CertificateContext,
            ClientCertificateRequired = true,
            ApplicationProtocols = Planes.All,
            EnabledSslProtocols = SslProtocols.Tls13,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = ChainPolicy(),
            RemoteCertificateValidationCallback = HasKey,
        };
        return await FinishAsync(socket, tls, initiatedHere: false, tls.AuthenticateAsServerAsync(options, cancellationToken)).ConfigureAwait(false);
    }

    /// <exception cref="AuthenticationException">The far end doesn't speak this TLS.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public static async Task<SecureChannel> ConnectAsync(Socket socket, Plane plane, HostIdentity identity, CancellationToken cancellationToken)
    {
        var tls = Wrap(socket);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "",
            ClientCertificateContext = identity.CertificateContext,
            ApplicationProtocols = [plane.Protocol()],
            EnabledSslProtocols = SslProtocols.Tls13,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = ChainPolicy(),
            RemoteCertificateValidationCallback = HasKey,
        };
        return await FinishAsync(socket, tls, initiatedHere: true, tls.AuthenticateAsClientAsync(options, cancellationToken)).ConfigureAwait(false);
    }

    private static SslStream Wrap(Socket socket) => new(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);

    private static async Task<SecureChannel> FinishAsync(Socket socket, SslStream tls, bool initiatedHere, Task handshake)
    {
        try
        {
            await handshake.ConfigureAwait(false);
            var plane = tls.NegotiatedApplicationProtocol == Plane.Control.Protocol() ? Plane.Control
                : tls.NegotiatedApplicationProtocol == Plane.Stream.Protocol() ? Plane.Stream
                : throw new AuthenticationException("No protocol of this library was negotiated.");
            return new SecureChannel(socket, tls, plane, Fingerprint.Of(PublicKeyOf(tls.RemoteCertificate)), initiatedHere);
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static byte[] PublicKeyOf(X509Certificate? certificate)
    {
        var key = (certificate as X509Certificate2)?.PublicKey.ExportSubjectPublicKeyInfo();
        return key?.Length == PublicKey.EncodedLength
            ? key
            : throw new AuthenticationException("The certificate holds no key that is accepted here.");
    }

    private static bool HasKey(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => certificate is not null;

    // A certificate may name addresses to fetch others from; nothing that a stranger names is ever fetched.
    private static X509ChainPolicy ChainPolicy() => new()
    {
        DisableCertificateDownloads = true,
        RevocationMode = X509RevocationMode.NoCheck,
        TrustMode = X509ChainTrustMode.CustomRootTrust,
    };
}
