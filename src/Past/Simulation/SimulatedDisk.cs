namespace P2P.Past.Simulation;

/// <summary>Is a disk as one life of a node uses it: closing it lets go of it, and what it holds stays for the next life.</summary>
internal sealed class SimulatedDisk(MemoryReplicaStore disk) : IReplicaStore
{
    private bool _isClosed;

    public ReplicaStoreUsage Usage => disk.Usage;

    private MemoryReplicaStore Open => _isClosed ? throw new ObjectDisposedException(nameof(SimulatedDisk)) : disk;

    public bool Contains(FileId fileId) => disk.Contains(fileId);

    public int List(KeyRange range, FileId? after, Span<StoredReplica> destination) => disk.List(range, after, destination);

    public async ValueTask<IReplicaWriter> BeginAsync(FileCertificate certificate, CancellationToken cancellationToken = default) =>
        await Open.BeginAsync(certificate, cancellationToken).ConfigureAwait(false);

    public async ValueTask StoreAsync(FileCertificate certificate, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        await Open.StoreAsync(certificate, content, cancellationToken).ConfigureAwait(false);

    public async ValueTask<IVerifiedContent?> OpenReadAsync(FileId fileId, CancellationToken cancellationToken = default) =>
        await Open.OpenReadAsync(fileId, cancellationToken).ConfigureAwait(false);

    public async ValueTask<bool> DeleteAsync(FileId fileId, CancellationToken cancellationToken = default) =>
        await Open.DeleteAsync(fileId, cancellationToken).ConfigureAwait(false);

    public bool IsReclaimed(FileId fileId) => disk.IsReclaimed(fileId);

    public async ValueTask<ReclaimedReplica> ReclaimAsync(ReclaimCertificate certificate, DateTimeOffset reclaimedAt, CancellationToken cancellationToken = default) =>
        await Open.ReclaimAsync(certificate, reclaimedAt, cancellationToken).ConfigureAwait(false);

    public async ValueTask<ReclaimedReplica?> FindReclaimedAsync(FileId fileId, CancellationToken cancellationToken = default) =>
        await Open.FindReclaimedAsync(fileId, cancellationToken).ConfigureAwait(false);

    public async ValueTask<int> ForgetReclaimedAsync(DateTimeOffset before, CancellationToken cancellationToken = default) =>
        await Open.ForgetReclaimedAsync(before, cancellationToken).ConfigureAwait(false);

    public async ValueTask<ReplicaCondition> VerifyAsync(FileId fileId, CancellationToken cancellationToken = default) =>
        await Open.VerifyAsync(fileId, cancellationToken).ConfigureAwait(false);

    public ValueTask DisposeAsync()
    {
        _isClosed = true;
        return ValueTask.CompletedTask;
    }
}
