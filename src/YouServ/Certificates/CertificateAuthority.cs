using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace P2P.YouServ.Certificates;

/// <summary>
/// Is the organisation's authority for the hosts of its zone, and for no others. What it issues lives for days, so that nothing has to be revoked. Safe to be used by many threads.
/// </summary>
internal sealed class CertificateAuthority : IDisposable
{
    private const int RequestBytesMax = 8 * 1024;
    private const int SerialBytes = 16;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private static readonly TimeSpan RootLifetime = TimeSpan.FromDays(3652);

    /// <summary>Peers' clocks may be behind.</summary>
    private static readonly TimeSpan Early = TimeSpan.FromHours(1);

    /// <summary>Hosts are named beside it: a common name would be too short for some.</summary>
    private static readonly X500DistinguishedName Subject = Name("A site");

    private readonly X509Certificate2 _root;
    private readonly Lock _gate = new();

    private CertificateAuthority(X509Certificate2 root)
    {
        _root = root;
        CertificatePem = root.ExportCertificatePem();
    }

    /// <summary>What browsers and peers are to trust.</summary>
    public string CertificatePem { get; }

    /// <summary>Makes the authority of a zone, with its key, as text to be kept secret.</summary>
    public static byte[] Create(string zone, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Name($"Sites of {zone[..Math.Min(zone.Length, 48)]}"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(NameConstraints.For(zone));
        using var root = request.CreateSelfSigned(now - Early, now + RootLifetime);
        return Encoding.ASCII.GetBytes($"{root.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
    }

    /// <param name="pem">What <see cref="Create"/> has made.</param>
    public static CertificateAuthority Load(byte[] pem)
    {
        var text = Encoding.ASCII.GetString(pem);
        return new CertificateAuthority(X509Certificate2.CreateFromPem(text, text));
    }

    /// <summary>Issues a certificate for the key that a request proves to have. Which hosts it is for is decided here; what the request says of that is passed over.</summary>
    /// <param name="request">PKCS#10.</param>
    /// <param name="hosts">The hosts.</param>
    /// <param name="now">The moment.</param>
    /// <param name="lifetime">For how long.</param>
    /// <returns>The certificate; null if the request is none, proves nothing, or has no key on P-256 or P-384.</returns>
    public X509Certificate2? Issue(byte[] request, IReadOnlyList<string> hosts, DateTimeOffset now, TimeSpan lifetime)
    {
        if (request.Length > RequestBytesMax || ReadKey(request) is not { } key)
        {
            return null;
        }

        var issued = new CertificateRequest(Subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            names.AddDnsName(host);
        }

        issued.CertificateExtensions.Add(names.Build());
        issued.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        issued.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        issued.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        issued.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(key, critical: false));
        issued.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_root, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40); // Positive, and of one length.

        // Within the authority's own time, also where the clock was set back since it began.
        var (begin, end) = (now - Early, now + lifetime);
        lock (_gate)
        {
            return issued.Create(_root, begin > _root.NotBefore ? begin : _root.NotBefore, end < _root.NotAfter ? end : _root.NotAfter, serial);
        }
    }

    public void Dispose() => _root.Dispose();

    private static PublicKey? ReadKey(byte[] request)
    {
        try
        {
            var key = CertificateRequest.LoadSigningRequest(request, HashAlgorithmName.SHA256).PublicKey;
            using var curve = key.GetECDsaPublicKey();
            return curve?.KeySize is 256 or 384 ? key : null;
        }
        catch (Exception failure) when (failure is CryptographicException or NotSupportedException)
        {
            return null;
        }
    }

    private static X500DistinguishedName Name(string common)
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(common);
        return name.Build();
    }
}
