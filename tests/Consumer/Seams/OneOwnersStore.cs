using P2P.Past;
using P2P.Pastry;

namespace Consumer.Seams;

/// <summary>Holds files of one owner and of nobody else, in another store.</summary>
internal sealed class OneOwnersStore(IReplicaStore inner, PublicKey owner) : IReplicaStore
{
    public ReplicaStoreUsage Usage => inner.Usage;

    public bool Contains(FileId fileId) => inner.Contains(fileId);

    public int List(KeyRange range, FileId? after, Span<StoredReplica> destination) => inner.List(range, after, destination);

    public bool IsReclaimed(FileId fileId) => inner.IsReclaimed(fileId);

    public ValueTask<IReplicaWriter> BeginAsync(FileCertificate certificate, CancellationToken cancellationToken = default) =>
        inner.BeginAsync(Checked(certificate), cancellationToken);

    public ValueTask StoreAsync(FileCertificate certificate, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        inner.StoreAsync(Checked(certificate), content, cancellationToken);

    public ValueTask<IVerifiedContent?> OpenReadAsync(FileId fileId, CancellationToken cancellationToken = default) => inner.OpenReadAsync(fileId, cancellationToken);

    public ValueTask<bool> DeleteAsync(FileId fileId, CancellationToken cancellationToken = default) => inner.DeleteAsync(fileId, cancellationToken);

    public ValueTask<ReclaimedReplica> ReclaimAsync(ReclaimCertificate certificate, DateTimeOffset reclaimedAt, CancellationToken cancellationToken = default) =>
        inner.ReclaimAsync(certificate, reclaimedAt, cancellationToken);

    public ValueTask<ReclaimedReplica?> FindReclaimedAsync(FileId fileId, CancellationToken cancellationToken = default) => inner.FindReclaimedAsync(fileId, cancellationToken);

    public ValueTask<int> ForgetReclaimedAsync(DateTimeOffset before, CancellationToken cancellationToken = default) => inner.ForgetReclaimedAsync(before, cancellationToken);

    public ValueTask<ReplicaCondition> VerifyAsync(FileId fileId, CancellationToken cancellationToken = default) => inner.VerifyAsync(fileId, cancellationToken);

    public ValueTask<int> SweepAsync(CancellationToken cancellationToken = default) => inner.SweepAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private FileCertificate Checked(FileCertificate certificate) =>
        certificate.Owner == owner ? certificate : throw new ReplicaStoreFullException($"There is no room for {certificate.FileId}: its owner is a stranger.");
}
