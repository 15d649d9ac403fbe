namespace P2P.Past;

/// <summary>Is what a store's books say of a replica.</summary>
/// <param name="Length">How many bytes it takes, below 2⁴¹.</param>
/// <param name="ReplicaCount">How many replicas its file should have.</param>
/// <param name="IsFile">Whether it lies in a file of its own, in a store that knows other places.</param>
/// <param name="Number">Where it stands in the store's database, below 2⁴⁷; 0 where there is none.</param>
internal readonly record struct ReplicaRecord(long Length, int ReplicaCount, bool IsFile = false, long Number = 0)
{
    public const long LengthMax = (1L << 41) - 1;
    public const long NumberMax = (1L << 47) - 1;

    public static ReplicaRecord Of(FileCertificate certificate, bool isFile = false) =>
        new(ReplicaFile.LengthOf(certificate), certificate.ReplicaCount, isFile);
}
