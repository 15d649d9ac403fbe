using P2P.Past;
using P2P.Pastry;

namespace Past.Tests.Contract;

/// <summary>Makes contents and certificates that are the same in each run.</summary>
internal static class ContractFiles
{
    private static readonly SigningKey Owner = SigningKey.FromPem(
        """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkafNcu9qvymsIqeY
        oVvgKwSgOmTJEynvB/1F5JMFV0uhRANCAARTC1nBs6e9INJjJbNadDBShIC9EOzj
        XAzbBF2MdFc1YFGt7ErIQCOKnc14vnP5liXhP/rxshApYBOBoXl1P28k
        -----END PRIVATE KEY-----
        """);

    /// <summary>Lengths around everything that is cut: leaves, segments, nothing at all.</summary>
    public static TheoryData<int> Lengths =>
    [
        0,
        1,
        1024,
        ContentLayout.LeafSize - 1,
        ContentLayout.LeafSize,
        ContentLayout.LeafSize + 1,
        3 * ContentLayout.LeafSize + 5,
        ContentLayout.LeavesPerSegment * ContentLayout.LeafSize,
        ContentLayout.LeavesPerSegment * ContentLayout.LeafSize + 1,
        (2 * ContentLayout.LeavesPerSegment + 1) * ContentLayout.LeafSize + 77,
    ];

    public static async Task<ReclaimCertificate> TakeBackAsync(FileCertificate certificate) =>
        await ReclaimCertificate.CreateAsync(certificate, Owner, DateTimeOffset.FromUnixTimeMilliseconds(1_000_000_000_456));

    public static byte[] Content(int length, int seed = 1)
    {
        var content = new byte[length];
        new Random(seed).NextBytes(content);
        return content;
    }

    public static FileCertificate Certify(byte[] content, string name = "a file", int replicas = 3) =>
        FileCertificate.Create(name, Owner, ContentTree.Compute(content), replicas, [1, 2, 3], DateTimeOffset.FromUnixTimeMilliseconds(1_000_000_000_123));
}
