using System.Security.Cryptography;
using P2P.YouServ.Certificates;

namespace YouServ.Tests.Certificates;

public sealed class PeerCertificateTests : IDisposable
{
    private const string Host = "joe.userv.example";

    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly TemporaryFolder _folder = new();
    private readonly CertificateAuthority _authority = CertificateAuthority.Load(CertificateAuthority.Create("userv.example", Now));

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_certificate_outlives_a_restart_and_is_renewed_before_it_ends()
    {
        var certificate = new PeerCertificate(_folder.In("certificate.pem"));
        Assert.True(certificate.IsDue([Host], Now));
        Renew(certificate, Host);
        Assert.False(certificate.IsDue([Host], Now.AddDays(4)));
        Assert.True(certificate.IsDue([Host], Now.AddDays(5)));
        Assert.True(certificate.IsDue(["alice.userv.example"], Now));

        var again = new PeerCertificate(_folder.In("certificate.pem"));
        Assert.Equal(certificate.Current!.Thumbprint, again.Current!.Thumbprint);
        Assert.True(again.Current.HasPrivateKey);
        Renew(again, Host);
        Assert.NotEqual(certificate.Current.Thumbprint, again.Current.Thumbprint);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.In("certificate.pem")));
        }
    }

    [Fact]
    public void A_certificate_for_another_key_is_not_taken()
    {
        var (one, other) = (new PeerCertificate(_folder.In("one.pem")), new PeerCertificate(_folder.In("other.pem")));
        one.CreateRequest();
        using var foreign = _authority.Issue(other.CreateRequest(), [Host], Now, TimeSpan.FromDays(7))!;
        Assert.ThrowsAny<Exception>(() => one.Adopt(foreign.ExportCertificatePem()));
        Assert.ThrowsAny<CryptographicException>(() => one.Adopt("no certificate"));
        Assert.Null(one.Current);
    }

    [Fact]
    public void A_file_that_is_broken_is_as_good_as_none()
    {
        File.WriteAllText(_folder.In("certificate.pem"), "-----BEGIN CERTIFICATE-----\nbroken");
        var certificate = new PeerCertificate(_folder.In("certificate.pem"));
        Assert.Null(certificate.Current);
        Renew(certificate, Host);
        Assert.NotNull(certificate.Current);
    }

    private void Renew(PeerCertificate certificate, string host)
    {
        using var issued = _authority.Issue(certificate.CreateRequest(), [host], Now, TimeSpan.FromDays(7))!;
        certificate.Adopt(issued.ExportCertificatePem());
    }
}
