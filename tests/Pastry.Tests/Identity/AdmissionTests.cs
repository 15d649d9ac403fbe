using P2P.Pastry;

namespace Pastry.Tests.Identity;

/// <summary>Whom a ring's authority admits.</summary>
public sealed class AdmissionTests : IDisposable
{
    private const string Ring = "closed";

    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Later = Now + TimeSpan.FromDays(365);

    private readonly SigningKey _authority = SigningKey.Create();
    private readonly SigningKey _node = SigningKey.Create();
    private readonly SigningKey _stranger = SigningKey.Create();

    public void Dispose()
    {
        _authority.Dispose();
        _node.Dispose();
        _stranger.Dispose();
    }

    [Fact]
    public async Task A_certificate_of_the_authority_admits_the_node_until_it_expires()
    {
        var certificate = await IssueAsync();
        var decision = Judge(certificate.Statement);
        Assert.True(decision.IsAdmitted);
        Assert.Equal(Later, decision.Until);
        Assert.Null(decision.Refusal);
    }

    [Fact]
    public void A_node_without_a_certificate_is_refused() => Assert.Equal(AdmissionRefusal.CertificateMissing, Judge(null).Refusal);

    [Fact]
    public async Task What_is_wrong_with_a_certificate_is_told()
    {
        Assert.Equal(AdmissionRefusal.OtherAuthority, Judge((await IssueAsync(authority: _stranger)).Statement).Refusal);
        Assert.Equal(AdmissionRefusal.OtherNode, Judge((await IssueAsync(node: _stranger)).Statement).Refusal);
        Assert.Equal(AdmissionRefusal.OtherRing, Judge((await IssueAsync(ring: "other")).Statement).Refusal);
        Assert.Equal(AdmissionRefusal.Expired, Judge((await IssueAsync(expiry: Now - TimeSpan.FromHours(1))).Statement).Refusal);
    }

    [Fact]
    public async Task Clocks_may_be_an_hour_off() =>
        Assert.True(Judge((await IssueAsync(expiry: Now - TimeSpan.FromMinutes(59))).Statement).IsAdmitted);

    [Fact]
    public async Task Nobody_but_the_authority_makes_its_certificates()
    {
        var genuine = (await IssueAsync()).Statement;
        var longer = (await IssueAsync(authority: _stranger, expiry: Later + TimeSpan.FromDays(1000))).Statement;
        SignedStatement[] forged =
        [
            genuine with { Signature = [.. new byte[SigningKey.SignatureLength]] },
            genuine with { Body = longer.Body },
            longer with { Signer = _authority.PublicKey },
            SignedStatement.Sign(_authority, "p2p.pastry.delegation.1", genuine.Body.AsSpan()),
            SignedStatement.Sign(_authority, AdmissionCertificate.Purpose, [1, 2, 3]),
            SignedStatement.Sign(_authority, AdmissionCertificate.Purpose, []),
        ];
        Assert.All(forged, statement => Assert.Equal(AdmissionRefusal.CertificateInvalid, Judge(statement).Refusal));
    }

    [Fact]
    public async Task While_a_key_is_replaced_both_are_good()
    {
        var admission = new AuthorityAdmission(_authority.PublicKey, _stranger.PublicKey);
        foreach (var authority in (SigningKey[])[_authority, _stranger])
        {
            var certificate = await IssueAsync(authority);
            Assert.True(admission.Judge(new AdmissionRequest(_node.PublicKey, Ring, certificate.Statement, Now)).IsAdmitted);
        }
    }

    [Fact]
    public async Task A_certificate_is_kept_as_text()
    {
        var certificate = await IssueAsync();
        var again = AdmissionCertificate.FromPem("b.pub of the second floor\n" + certificate.ExportPem());
        Assert.Equal(_node.PublicKey, again.Node);
        Assert.Equal(_authority.PublicKey, again.Authority);
        Assert.Equal((Ring, Later), (again.Ring, again.ExpiresAt));
        Assert.True(again.Verify());
        Assert.True(Judge(again.Statement).IsAdmitted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("rubbish")]
    [InlineData("-----BEGIN P2P ADMISSION CERTIFICATE-----\nAAAA\n-----END P2P ADMISSION CERTIFICATE-----")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")]
    public void What_is_no_certificate_or_key_is_refused(string text)
    {
        Assert.Throws<PastryException>(() => AdmissionCertificate.FromPem(text));
        Assert.Throws<PastryException>(() => PublicKey.FromPem(text));
    }

    [Fact]
    public void A_public_key_is_kept_as_text() => Assert.Equal(_node.PublicKey, PublicKey.FromPem(_node.PublicKey.ExportPem()));

    [Fact]
    public void What_decides_nothing_admits_nobody()
    {
        Assert.False(default(AdmissionDecision).IsAdmitted);
        Assert.Equal(AdmissionRefusal.Barred, AdmissionDecision.Refuse(default).Refusal);
    }

    private AdmissionDecision Judge(SignedStatement? certificate) =>
        new AuthorityAdmission(_authority.PublicKey).Judge(new AdmissionRequest(_node.PublicKey, Ring, certificate, Now));

    private ValueTask<AdmissionCertificate> IssueAsync(SigningKey? authority = null, SigningKey? node = null, string ring = Ring, DateTimeOffset? expiry = null) =>
        AdmissionCertificate.IssueAsync(authority ?? _authority, (node ?? _node).PublicKey, ring, expiry ?? Later);
}
