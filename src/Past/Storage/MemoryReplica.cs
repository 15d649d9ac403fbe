namespace P2P.Past.Storage;

/// <summary>Holds one replica of a <see cref="MemoryReplicaStore"/>, whole or in part.</summary>
internal sealed class MemoryReplica(FileCertificate certificate)
{
    public FileCertificate Certificate => certificate;

    public List<byte[]> Leaves { get; } = [];

    public List<Hash256> LeafHashes { get; } = [];

    public void Append(in ContentLeaf leaf)
    {
        Leaves.Add(leaf.Bytes.ToArray());
        LeafHashes.Add(leaf.Hash);
    }
}

/// <summary>Writes a replica into a <see cref="MemoryReplicaStore"/>.</summary>
internal sealed class MemoryReplicaWriter(MemoryReplicaStore store, MemoryReplica replica) : IReplicaWriter
{
    private bool _ended;

    public FileCertificate Certificate => replica.Certificate;

    public int NextLeaf => replica.Leaves.Count;

    public ValueTask AppendAsync(ContentLeaf leaf, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        cancellationToken.ThrowIfCancellationRequested();
        ReplicaScrub.CheckTurn(Certificate, NextLeaf, leaf);
        store.Append(replica, leaf);
        return ValueTask.CompletedTask;
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        cancellationToken.ThrowIfCancellationRequested();
        if (NextLeaf < Certificate.Layout.LeafCount)
        {
            throw new InvalidOperationException($"{NextLeaf} of {Certificate.Layout.LeafCount} leaves were appended.");
        }

        try
        {
            ReplicaScrub.CheckRoot(Certificate, MerkleTree.RootOf([.. replica.LeafHashes]));
        }
        catch (ContentVerificationException)
        {
            await DiscardAsync().ConfigureAwait(false);
            throw;
        }

        store.Complete(replica);
        _ended = true;
    }

    public ValueTask DiscardAsync()
    {
        if (!_ended)
        {
            _ended = true;
            store.Abandon(replica);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        if (NextLeaf == 0)
        {
            return DiscardAsync();
        }

        if (!_ended)
        {
            _ended = true;
            store.Suspend(replica);
        }

        return ValueTask.CompletedTask;
    }
}

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
        return ValueTask.FromException(new ReplicaCorruptException(Certificate.FileId, $"Leaf {leaf} in the replica of {Certificate.FileId} is damaged."));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ReadOnlyMemory<Hash256> HashesOf(int segment)
    {
        var leaves = Certificate.Layout.LeavesOf(segment);
        return _leafHashes.AsMemory(leaves.First, leaves.Count);
    }
}
