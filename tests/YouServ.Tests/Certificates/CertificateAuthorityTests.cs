using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using P2P.YouServ.Certificates;

namespace YouServ.Tests.Certificates;

public sealed class CertificateAuthorityTests : IDisposable
{
    private const string Host = "joe.userv.example";

    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    private readonly byte[] _pem = CertificateAuthority.Create("userv.example", Now);
    private readonly CertificateAuthority _authority;

    public CertificateAuthorityTests() => _authority = CertificateAuthority.Load(_pem);

    public void Dispose() => _authority.Dispose();

    [Fact]
    public void A_site_gets_a_certificate_for_its_name_that_who_trusts_the_authority_believes()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = _authority.Issue(RequestOf(key, "CN=x"), [Host], Now, Week)!;
        Assert.True(IsBelieved(certificate));
        Assert.True(certificate.MatchesHostname(Host));
        Assert.False(certificate.MatchesHostname("alice.userv.example"));
        Assert.Equal(key.ExportSubjectPublicKeyInfo(), certificate.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.InRange(certificate.NotAfter.ToUniversalTime(), (Now + Week).UtcDateTime.AddSeconds(-1), (Now + Week).UtcDateTime);
    }

    [Fact]
    public void What_a_request_says_of_names_and_rights_is_passed_over()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var wish = new CertificateRequest("CN=alice.userv.example", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("alice.userv.example");
        wish.CertificateExtensions.Add(names.Build());
        wish.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var certificate = _authority.Issue(wish.CreateSigningRequest(), [Host], Now, Week)!;
        Assert.False(certificate.MatchesHostname("alice.userv.example"));
        Assert.False(certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        Assert.True(certificate.MatchesHostname(Host));
    }

    [Fact]
    public void The_authority_is_believed_for_its_zone_only()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (var host in (string[])["www.example.org", "userv.example.org", "xuserv.example"])
        {
            using var foreign = _authority.Issue(RequestOf(key, "CN=x"), [host], Now, Week)!;
            Assert.False(IsBelieved(foreign));
        }

        using var own = _authority.Issue(RequestOf(key, "CN=x"), ["userv.example"], Now, Week)!;
        Assert.True(IsBelieved(own));
    }

    [Fact]
    public void Who_does_not_prove_to_have_a_good_key_gets_nothing()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = RequestOf(key, "CN=x");
        request[^1] ^= 1;
        Assert.Null(_authority.Issue(request, [Host], Now, Week));
        Assert.Null(_authority.Issue([], [Host], Now, Week));
        Assert.Null(_authority.Issue(new byte[100_000], [Host], Now, Week));
        Assert.Null(_authority.Issue(RandomNumberGenerator.GetBytes(400), [Host], Now, Week));
        using var weak = RSA.Create(1024);
        Assert.Null(_authority.Issue(new CertificateRequest("CN=x", weak, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest(), [Host], Now, Week));
    }

    [Fact]
    public void An_authority_that_is_loaded_again_is_the_same()
    {
        using var again = CertificateAuthority.Load(_pem);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var certificate = again.Issue(RequestOf(key, "CN=x"), [Host], Now, Week)!;
        Assert.Equal(_authority.CertificatePem, again.CertificatePem);
        Assert.True(IsBelieved(certificate));
    }

    [Fact]
    public void A_clock_that_was_set_back_stops_nobody()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = _authority.Issue(RequestOf(key, "CN=x"), [Host], Now.AddHours(-3), Week)!;
        Assert.True(IsBelieved(certificate));
    }

    private static byte[] RequestOf(ECDsa key, string subject) => new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSigningRequest();

    private bool IsBelieved(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(_authority.CertificatePem);
        return chain.Build(certificate);
    }
}
