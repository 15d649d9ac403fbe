using P2P.Past;

namespace Architecture.Tests.Seams;

/// <summary>Is one replica, whole or being written.</summary>
internal sealed class OwnReplica(FileCertificate certificate)
{
    public FileCertificate Certificate => certificate;

    public List<(byte[] Bytes, Hash256 Hash)> Leaves { get; } = [];

    public bool IsClaimed { get; set; }

    public bool IsWhole { get; private set; }

    /// <summary>What is merely announced takes no room.</summary>
    public long UsedBytes => certificate.Encoded.Length + Leaves.Sum(leaf => (long)leaf.Bytes.Length);

    public static long LengthOf(FileCertificate certificate) => certificate.Encoded.Length + certificate.ContentLength;

    public void Append(in ContentLeaf leaf) => Leaves.Add((leaf.Bytes.ToArray(), leaf.Hash));

    public void Complete() => (IsWhole, IsClaimed) = (true, false);
}

/// <summary>Writes a replica, and compares the root of all leaves with the certificate at the end.</summary>
internal sealed class OwnReplicaWriter(OwnReplicaStore store, OwnReplica replica) : IReplicaWriter
{
    private bool _hasEnded;

    public FileCertificate Certificate => replica.Certificate;

    public int NextLeaf => replica.Leaves.Count;

    public ValueTask AppendAsync(ContentLeaf leaf, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_hasEnded, this);
        if (leaf.Index != NextLeaf || NextLeaf == Certificate.Layout.LeafCount || leaf.Bytes.Length != Certificate.Layout.LengthOf(NextLeaf))
        {
            throw new ArgumentException($"Leaf {leaf.Index} of {leaf.Bytes.Length} bytes came where leaf {NextLeaf} was expected.", nameof(leaf));
        }

        store.Append(replica, leaf);
        return ValueTask.CompletedTask;
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_hasEnded, this);
        if (NextLeaf < Certificate.Layout.LeafCount)
        {
            throw new InvalidOperationException("Leaves are missing.");
        }

        var builder = new ContentTreeBuilder();
        replica.Leaves.ForEach(leaf => builder.Add(leaf.Hash));
        if (builder.Root() != Certificate.ContentRoot)
        {
            await DiscardAsync();
            throw new ContentVerificationException($"The content is not that of {Certificate.FileId}.");
        }

        replica.Complete();
        _hasEnded = true;
    }

    public ValueTask DiscardAsync()
    {
        if (!_hasEnded)
        {
            _hasEnded = true;
            store.Remove(replica);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        if (NextLeaf == 0)
        {
            return DiscardAsync();
        }

        (_hasEnded, replica.IsClaimed) = (true, false);
        return ValueTask.CompletedTask;
    }
}

/// <summary>Reads a replica; each leaf is compared with its hash before it is given out.</summary>
internal sealed class OwnReplicaContent(OwnReplica replica) : IVerifiedContent
{
    public FileCertificate Certificate => replica.Certificate;

    public ReadOnlyMemory<Hash256> SegmentRoots => Enumerable.Range(0, Certificate.Layout.SegmentCount).Select(RootOf).ToArray();

    public ValueTask<ReadOnlyMemory<Hash256>> ReadLeafHashesAsync(int segment, CancellationToken cancellationToken = default) => new(HashesOf(segment));

    public ValueTask ReadLeafAsync(int leaf, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        var bytes = destination[..Certificate.Layout.LengthOf(leaf)];
        replica.Leaves[leaf].Bytes.CopyTo(bytes);
        if (ContentLeaf.Compute(leaf, bytes).Hash == replica.Leaves[leaf].Hash)
        {
            return ValueTask.CompletedTask;
        }

        bytes.Span.Clear();
        throw new ReplicaCorruptException(Certificate.FileId, $"Leaf {leaf} of {Certificate.FileId} is damaged.");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Hash256[] HashesOf(int segment)
    {
        var leaves = Certificate.Layout.LeavesOf(segment);
        return [.. replica.Leaves.Skip(leaves.First).Take(leaves.Count).Select(leaf => leaf.Hash)];
    }

    private Hash256 RootOf(int segment)
    {
        var builder = new ContentTreeBuilder();
        Array.ForEach(HashesOf(segment), builder.Add);
        return builder.Root();
    }
}
