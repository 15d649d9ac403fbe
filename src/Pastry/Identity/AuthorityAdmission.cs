using System.Collections.Frozen;

namespace P2P.Pastry;

/// <summary>Admits the nodes that bring a certificate of the ring's authority: see <see cref="AdmissionCertificate"/>.</summary>
/// <param name="authorities">
/// The authority's key. Several while it is being replaced: first all hosts take both, then certificates are issued anew, then the old key goes.
/// </param>
public sealed class AuthorityAdmission(params IEnumerable<PublicKey> authorities) : INodeAdmission
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromHours(1);

    private readonly FrozenSet<PublicKey> _authorities = authorities.ToFrozenSet();

    /// <inheritdoc/>
    public AdmissionDecision Judge(AdmissionRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Certificate is null)
        {
            return AdmissionDecision.Refuse(AdmissionRefusal.CertificateMissing);
        }

        // What costs nothing comes first; a signature is verified last, and only one of the authority.
        return !AdmissionCertificate.TryRead(request.Certificate, out var certificate) ? AdmissionDecision.Refuse(AdmissionRefusal.CertificateInvalid)
            : !_authorities.Contains(certificate.Authority) ? AdmissionDecision.Refuse(AdmissionRefusal.OtherAuthority)
            : !certificate.Node.Equals(request.Node) ? AdmissionDecision.Refuse(AdmissionRefusal.OtherNode)
            : certificate.Ring != request.Ring ? AdmissionDecision.Refuse(AdmissionRefusal.OtherRing)
            : certificate.ExpiresAt <= request.Now - ClockTolerance ? AdmissionDecision.Refuse(AdmissionRefusal.Expired)
            : !certificate.Verify() ? AdmissionDecision.Refuse(AdmissionRefusal.CertificateInvalid)
            : AdmissionDecision.Admit(certificate.ExpiresAt);
    }
}
