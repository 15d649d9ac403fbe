using P2P.Past;

namespace Past.Tests;

/// <summary>Passes everything on to another store; to be changed where a test wants it.</summary>
internal abstract class StoreDecorator(IReplicaStore store) : IReplicaStore
{
    public virtual ReplicaStoreUsage Usage => store.Usage;

    public virtual bool Contains(FileId fileId) => store.Contains(fileId);

    public virtual int List(KeyRange range, FileId? after, Span<StoredReplica> destination) => store.List(range, after, destination);

    public virtual ValueTask<IReplicaWriter> BeginAsync(FileCertificate certificate, CancellationToken cancellationToken = default) =>
        store.BeginAsync(certificate, cancellationToken);

    public virtual ValueTask StoreAsync(FileCertificate certificate, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        store.StoreAsync(certificate, content, cancellationToken);

    public virtual ValueTask<IVerifiedContent?> OpenReadAsync(FileId fileId, CancellationToken cancellationToken = default) =>
        store.OpenReadAsync(fileId, cancellationToken);

    public virtual ValueTask<bool> DeleteAsync(FileId fileId, CancellationToken cancellationToken = default) => store.DeleteAsync(fileId, cancellationToken);

    public virtual bool IsReclaimed(FileId fileId) => store.IsReclaimed(fileId);

    public virtual ValueTask<ReclaimedReplica> ReclaimAsync(ReclaimCertificate certificate, DateTimeOffset reclaimedAt, CancellationToken cancellationToken = default) =>
        store.ReclaimAsync(certificate, reclaimedAt, cancellationToken);

    public virtual ValueTask<ReclaimedReplica?> FindReclaimedAsync(FileId fileId, CancellationToken cancellationToken = default) =>
        store.FindReclaimedAsync(fileId, cancellationToken);

    public virtual ValueTask<int> ForgetReclaimedAsync(DateTimeOffset before, CancellationToken cancellationToken = default) =>
        store.ForgetReclaimedAsync(before, cancellationToken);

    public virtual ValueTask<ReplicaCondition> VerifyAsync(FileId fileId, CancellationToken cancellationToken = default) =>
        store.VerifyAsync(fileId, cancellationToken);

    public virtual ValueTask<int> SweepAsync(CancellationToken cancellationToken = default) => store.SweepAsync(cancellationToken);

    public virtual ValueTask DisposeAsync() => store.DisposeAsync();

    /// <summary>Passes everything on to another writer.</summary>
    internal abstract class WriterDecorator(IReplicaWriter writer) : IReplicaWriter
    {
        public FileCertificate Certificate => writer.Certificate;

        public int NextLeaf => writer.NextLeaf;

        public virtual ValueTask AppendAsync(ContentLeaf leaf, CancellationToken cancellationToken = default) => writer.AppendAsync(leaf, cancellationToken);

        public virtual ValueTask CompleteAsync(CancellationToken cancellationToken = default) => writer.CompleteAsync(cancellationToken);

        public ValueTask DiscardAsync() => writer.DiscardAsync();

        public ValueTask DisposeAsync() => writer.DisposeAsync();
    }
}
