namespace P2P.Past;

/// <summary>Reads a replica of a <see cref="MemoryReplicaStore"/>.</summary>
internal sealed class MemoryReplicaContent : IVerifiedContent
{
    private readonly MemoryReplica _replica;
    private readonly Hash256[] _leafHashes;

    public MemoryReplicaContent(MemoryReplica replica)
    {
        _replica = replica;
        _leafHashes = [.. replica.LeafHashes];
        var layout = Certificate.Layout;
        SegmentRoots = Enumerable.Range(0, layout.SegmentCount).Select(segment => MerkleTree.RootOf(HashesOf(segment).Span)).ToArray();
    }

    public FileCertificate Certificate => _replica.Certificate;

    public ReadOnlyMemory<Hash256> SegmentRoots { get; }

    public ValueTask<ReadOnlyMemory<Hash256>> ReadLeafHashesAsync(int segment, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(HashesOf(segment));
    }

    public ValueTask ReadLeafAsync(int leaf, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var bytes = destination[..Certificate.Layout.LengthOf(leaf)];
        _replica.Leaves[leaf].CopyTo(bytes);
        if (MerkleTree.HashLeaf(bytes.Span) == _leafHashes[leaf])
        {
            return ValueTask.CompletedTask;
        }

        bytes.Span.Clear();
        return ValueTask.FromException(
            new ReplicaCorruptException(Certificate.FileId, $"Leaf {leaf} in the replica of {Certificate.FileId} is damaged."));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ReadOnlyMemory<Hash256> HashesOf(int segment)
    {
        var leaves = Certificate.Layout.LeavesOf(segment);
        return _leafHashes.AsMemory(leaves.First, leaves.Count);
    }
}
