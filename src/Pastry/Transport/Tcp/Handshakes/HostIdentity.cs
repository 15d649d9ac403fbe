using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Holds what this host does TLS with: its key, in a certificate that it signed itself and that says nothing else.</summary>
internal sealed class HostIdentity : IDisposable
{
    private readonly X509Certificate2 _certificate;

    public HostIdentity(SigningKey? kept)
    {
        var key = kept ?? SigningKey.Create();
        try
        {
            Id = Fingerprint.Of(key.PublicKey.Encoded.AsSpan());
            _certificate = Certify(key);
            // Offline: a chain of one has no issuers to look for.
            CertificateContext = SslStreamCertificateContext.Create(_certificate, additionalCertificates: null, offline: true);
        }
        finally
        {
            if (kept is null)
            {
                key.Dispose();
            }
        }
    }

    public Fingerprint Id { get; }

    public SslStreamCertificateContext CertificateContext { get; }

    public void Dispose() => _certificate.Dispose();

    private static X509Certificate2 Certify(SigningKey key)
    {
        using var ecdsa = key.ToECDsa();
        var request = new CertificateRequest("CN=p2p", ecdsa, HashAlgorithmName.SHA256);
        // The dates say nothing: a host's clock may be wrong, and what expires is a node's delegation.
        var certificate = request.CreateSelfSigned(
            new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero),
            new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero));
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        // Schannel takes no key that lives in memory only.
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
        }
    }
}
