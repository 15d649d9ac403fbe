using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using P2P.YouServ.Certificates;

namespace P2P.YouServ;

public sealed partial class YouServCoordinator
{
    /// <summary>
    /// The certificate of the organisation's authority (PEM), which is to be trusted by those who visit sites. It is good for the hosts of the zone and for no others, so that trusting
    /// it gives away nothing else.
    /// </summary>
    public string AuthorityCertificate => _authority.CertificatePem;

    /// <summary>Issues a certificate for the name of a user's site, for those of sites whose copy the user's peer keeps, and for no others.</summary>
    /// <param name="peer">The peer's session.</param>
    /// <param name="request">PKCS#10, of a key on P-256 or P-384.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The certificate; null if the request is none, or does not prove that its sender has the key.</returns>
    public async ValueTask<X509Certificate2?> IssueCertificateAsync(SessionRecord peer, byte[] request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(request);
        var site = await SiteOfAsync(peer, cancellationToken).ConfigureAwait(false);
        var held = await _store.ListHeldAsync(site.Name, cancellationToken).ConfigureAwait(false);
        return Issue(request, [HostOf(site.Name), .. held.Where(replica => replica.IsAccepted).Select(replica => HostOf(replica.Site))]);
    }

    /// <summary>Issues the coordinator a certificate of its own, with a new key.</summary>
    internal X509Certificate2 IssueOwnCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=The coordinator", key, HashAlgorithmName.SHA256).CreateSigningRequest();
        using var certificate = Issue(request, [Options.Zone])!;
        using var withKey = certificate.CopyWithPrivateKey(key);
        return ServerCertificate.Usable(withKey);
    }

    private X509Certificate2? Issue(byte[] request, IReadOnlyList<string> hosts) => _authority.Issue(request, hosts, _store.Clock.GetUtcNow(), Options.CertificateLifetime);
}
