namespace P2P.Past;

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
