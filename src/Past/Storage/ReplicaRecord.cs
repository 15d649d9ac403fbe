namespace P2P.Past;

/// <summary>Is what a store's books say of a replica: how many bytes it takes, and how many replicas its file should have.</summary>
internal readonly record struct ReplicaRecord(long Length, int ReplicaCount)
{
    public static ReplicaRecord Of(FileCertificate certificate) => new(ReplicaFile.LengthOf(certificate), certificate.ReplicaCount);
}
