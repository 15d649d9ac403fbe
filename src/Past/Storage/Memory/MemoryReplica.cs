namespace P2P.Past;

/// <summary>Holds one replica of a <see cref="MemoryReplicaStore"/>, whole or in part.</summary>
internal sealed class MemoryReplica(FileCertificate certificate)
{
    public FileCertificate Certificate => certificate;

    public List<byte[]> Leaves { get; } = [];

    public List<Hash256> LeafHashes { get; } = [];

    public void Append(byte[] bytes, Hash256 hash)
    {
        Leaves.Add(bytes);
        LeafHashes.Add(hash);
    }
}
