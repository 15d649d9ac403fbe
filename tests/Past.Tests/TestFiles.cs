using System.Buffers;
using P2P.Past;
using P2P.Pastry;
using Past.Tests.Contract;

namespace Past.Tests;

/// <summary>Makes owners, contents and certificates that are the same in each run.</summary>
internal static class TestFiles
{
    public static readonly DateTimeOffset Created = DateTimeOffset.FromUnixTimeMilliseconds(1_000_000_000_123);

    public static readonly SigningKey Owner = SigningKey.FromPem(
        """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkafNcu9qvymsIqeY
        oVvgKwSgOmTJEynvB/1F5JMFV0uhRANCAARTC1nBs6e9INJjJbNadDBShIC9EOzj
        XAzbBF2MdFc1YFGt7ErIQCOKnc14vnP5liXhP/rxshApYBOBoXl1P28k
        -----END PRIVATE KEY-----
        """);

    public static readonly SigningKey Holder = SigningKey.FromPem(
        """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+ARPMNTmxpx/CiGe
        NcvrGpeBr2pShhOYvf+p00+G9NqhRANCAAROfua+b7+r0btfNWXjijG/nwJTKvIq
        XQyOeXswd25ML19/DPUUrTp8u3B0XJUvnuZOKsKxKq3Ry7l7yDlmxbMV
        -----END PRIVATE KEY-----
        """);

    /// <inheritdoc cref="ContractFiles.Lengths"/>
    public static TheoryData<int> Lengths => ContractFiles.Lengths;

    public static byte[] Content(int length, int seed = 1) => ContractFiles.Content(length, seed);

    public static FileCertificate Certify(byte[] content, string name = "a file", int replicas = 3) =>
        FileCertificate.Create(name, Owner, ContentTree.Compute(content), replicas, [1, 2, 3], Created);

    public static ReclaimCertificate TakeBack(FileCertificate certificate)
    {
        var made = ReclaimCertificate.CreateAsync(certificate, Owner, Created);
        return made.IsCompletedSuccessfully ? made.Result : throw new InvalidOperationException("A key at hand signs at once.");
    }

    public static ReclaimReceipt GiveUp(ReclaimCertificate certificate, long? freedBytes) =>
        ReclaimReceipt.Create(certificate, freedBytes, Holder, Created);

    /// <summary>Certifies the same under the same id, with the signature of somebody who is not the owner.</summary>
    public static FileCertificate Steal(FileCertificate certificate)
    {
        var encoded = new ArrayBufferWriter<byte>();
        SignedStatement.Sign(Holder, FileCertificate.Purpose, certificate.Statement.Body.AsSpan()).WriteTo(encoded);
        return FileCertificate.TryRead(encoded.WrittenMemory, out var stolen) ? stolen : throw new InvalidOperationException("Its form is right.");
    }
}
