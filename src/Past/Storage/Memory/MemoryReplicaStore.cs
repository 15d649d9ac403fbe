using P2P.Past.Wire;

namespace P2P.Past;

/// <summary>
/// Keeps replicas in memory, for tests and simulations. Counts bytes as <see cref="DiskReplicaStore"/> does, and forgets all when it is
/// disposed of.
/// </summary>
/// <param name="capacityBytes">How many bytes replicas may take together.</param>
/// <param name="reclaimsMax">How many files that their owners have taken back are remembered, 1 or more; default 131,072. Beyond it the oldest are forgotten.</param>
public sealed class MemoryReplicaStore(long capacityBytes, int reclaimsMax = ReclaimedIds.DefaultMax) : IReplicaStore
{
    private readonly ReplicaLedger _ledger = new(capacityBytes);
    private readonly Lock _gate = new();
    private readonly Dictionary<FileId, MemoryReplica> _replicas = [];
    private readonly ReclaimBook _reclaimed = new(reclaimsMax);
    private bool _disposed;

    /// <inheritdoc/>
    public ReplicaStoreUsage Usage => _ledger.Usage;

    /// <inheritdoc/>
    public bool Contains(FileId fileId) => _ledger.Contains(fileId);

    /// <inheritdoc/>
    public int List(KeyRange range, FileId? after, Span<StoredReplica> destination) => _ledger.List(range, after, destination);

    /// <inheritdoc/>
    public ValueTask<IReplicaWriter> BeginAsync(FileCertificate certificate, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Answer<IReplicaWriter>(() =>
        {
            ThrowIfReclaimed(certificate.FileId);
            _ledger.Claim(certificate.FileId, ReplicaRecord.Of(certificate), ReplicaFile.LeafOffset(certificate, 0));
            if (!_replicas.TryGetValue(certificate.FileId, out var replica) || !replica.Certificate.Equals(certificate))
            {
                replica = new MemoryReplica(certificate);
                _replicas[certificate.FileId] = replica;
            }

            return new MemoryReplicaWriter(this, replica);
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask StoreAsync(FileCertificate certificate, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var stored = Answer(() =>
        {
            var id = certificate.FileId;
            ThrowIfReclaimed(id);
            var record = ReplicaRecord.Of(certificate);
            _ledger.Claim(id, record, record.Length);
            try
            {
                _ = ReplicaScrub.Check(certificate, content.Span);
            }
            catch
            {
                _replicas.Remove(id);
                _ledger.Release(id);
                throw;
            }

            var replica = new MemoryReplica(certificate);
            for (var leaf = 0; leaf < certificate.Layout.LeafCount; leaf++)
            {
                var bytes = content.Slice((int)ContentLayout.OffsetOf(leaf), certificate.Layout.LengthOf(leaf));
                replica.Append(bytes.ToArray(), MerkleTree.HashLeaf(bytes.Span));
            }

            _replicas[id] = replica;
            _ledger.Complete(id);
            return true;
        }, cancellationToken);
        return stored.IsCompletedSuccessfully ? ValueTask.CompletedTask : new ValueTask(stored.AsTask());
    }

    /// <inheritdoc/>
    public ValueTask<IVerifiedContent?> OpenReadAsync(FileId fileId, CancellationToken cancellationToken = default) =>
        Answer<IVerifiedContent?>(() => _ledger.Contains(fileId) ? new MemoryReplicaContent(_replicas[fileId]) : null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(FileId fileId, CancellationToken cancellationToken = default) =>
        Answer(() => Remove(fileId), cancellationToken);

    /// <inheritdoc/>
    public bool IsReclaimed(FileId fileId)
    {
        lock (_gate)
        {
            return _reclaimed.Contains(fileId);
        }
    }

    /// <inheritdoc/>
    public ValueTask<ReclaimedReplica> ReclaimAsync(ReclaimCertificate certificate, DateTimeOffset reclaimedAt, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Answer(
            () =>
            {
                if (_reclaimed.Find(certificate.FileId) is not { } reclaimed)
                {
                    long? freed = _ledger.Contains(certificate.FileId) ? _replicas[certificate.FileId].Certificate.ContentLength : null;
                    _ledger.ThrowIfClaimed(certificate.FileId);
                    reclaimed = new ReclaimedReplica(certificate, freed, StatementFields.WholeMilliseconds(reclaimedAt));
                    if (!_reclaimed.Add(reclaimed))
                    {
                        throw new ReplicaStoreFullException($"The file {certificate.FileId} was never held, and no more that owners have taken back can be remembered.");
                    }

                    Remove(certificate.FileId);
                }

                return reclaimed;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<ReclaimedReplica?> FindReclaimedAsync(FileId fileId, CancellationToken cancellationToken = default) =>
        Answer(() => _reclaimed.Find(fileId), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> ForgetReclaimedAsync(DateTimeOffset before, CancellationToken cancellationToken = default) =>
        Answer(() => _reclaimed.Forget(before).Count, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<ReplicaCondition> VerifyAsync(FileId fileId, CancellationToken cancellationToken = default)
    {
        var condition = await ReplicaScrub.InspectAsync(this, fileId, cancellationToken).ConfigureAwait(false);
        return condition == ReplicaCondition.Corrupt && !await DeleteAsync(fileId, CancellationToken.None).ConfigureAwait(false)
            ? ReplicaCondition.Missing
            : condition;
    }

    /// <summary>Forgets all replicas.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
            _replicas.Clear();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Flips a bit of a stored replica's content, as a failing disk would; for tests of scrubbing and repair.</summary>
    /// <param name="fileId">A stored file.</param>
    /// <param name="offset">The place of the byte in the content.</param>
    /// <exception cref="ArgumentException">No such replica is stored, or it has no such byte.</exception>
    internal void Corrupt(FileId fileId, long offset)
    {
        lock (_gate)
        {
            if (!_ledger.Contains(fileId) || offset < 0 || offset >= _replicas[fileId].Certificate.ContentLength)
            {
                throw new ArgumentException($"There is no byte {offset} in a replica of {fileId}.", nameof(offset));
            }

            _replicas[fileId].Leaves[(int)(offset / ContentLayout.LeafSize)][offset % ContentLayout.LeafSize] ^= 1;
        }
    }

    internal void Append(MemoryReplica replica, in ContentLeaf leaf)
    {
        // Outside of the lock: a leaf takes longer to copy than anything that is done within it.
        var bytes = leaf.Bytes.ToArray();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _ledger.Grow(replica.Certificate.FileId, ReplicaFile.LeafOffset(replica.Certificate, leaf.Index) + leaf.Bytes.Length);
            replica.Append(bytes, leaf.Hash);
        }
    }

    internal void Complete(MemoryReplica replica)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _ledger.Complete(replica.Certificate.FileId);
        }
    }

    internal void Suspend(MemoryReplica replica)
    {
        lock (_gate)
        {
            _ledger.Suspend(replica.Certificate.FileId, ReplicaFile.LeafOffset(replica.Certificate, 0) + replica.Leaves.Sum(leaf => (long)leaf.Length), DateTimeOffset.MaxValue);
        }
    }

    internal void Abandon(MemoryReplica replica)
    {
        lock (_gate)
        {
            _replicas.Remove(replica.Certificate.FileId);
            _ledger.Release(replica.Certificate.FileId);
        }
    }

    private void ThrowIfReclaimed(FileId fileId)
    {
        if (_reclaimed.Contains(fileId))
        {
            throw new ReplicaReclaimedException(fileId);
        }
    }

    private bool Remove(FileId fileId)
    {
        if (!_ledger.TryClaimWhole(fileId, out _))
        {
            return false;
        }

        _replicas.Remove(fileId);
        _ledger.Release(fileId);
        return true;
    }

    private ValueTask<T> Answer<T>(Func<T> work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        lock (_gate)
        {
            // As with a disk, failures come from awaiting.
            try
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return new(work());
            }
            catch (Exception exception) when (exception is PastException or ObjectDisposedException)
            {
                return ValueTask.FromException<T>(exception);
            }
        }
    }
}
