using P2P.Past;

namespace Architecture.Tests.Seams;

/// <summary>Keeps replicas in a dictionary, as simply as the contract allows.</summary>
internal sealed class OwnReplicaStore(long capacity) : IReplicaStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<FileId, OwnReplica> _replicas = [];
    private readonly Dictionary<FileId, ReclaimedReplica> _reclaimed = [];
    private bool _isDisposed;

    public ReplicaStoreUsage Usage
    {
        get
        {
            lock (_gate)
            {
                return new ReplicaStoreUsage(_replicas.Values.Count(replica => replica.IsWhole), capacity, _replicas.Values.Sum(replica => replica.UsedBytes));
            }
        }
    }

    public bool Contains(FileId fileId)
    {
        lock (_gate)
        {
            return Find(fileId) is not null;
        }
    }

    public int List(KeyRange range, FileId? after, Span<StoredReplica> destination)
    {
        lock (_gate)
        {
            var page = _replicas.Values.Where(replica => replica.IsWhole).Select(replica => replica.Certificate)
                .Where(certificate => range.Contains(certificate.FileId.RoutingKey) && (after is not { } last || PlaceOf(certificate.FileId).CompareTo(PlaceOf(last)) > 0))
                .OrderBy(certificate => PlaceOf(certificate.FileId)).Take(destination.Length)
                .Select(certificate => new StoredReplica(certificate.FileId, certificate.ReplicaCount)).ToArray();
            page.CopyTo(destination);
            return page.Length;
        }

        (UInt128 Distance, FileId Id) PlaceOf(FileId id) => (range.First.ClockwiseTo(id.RoutingKey), id);
    }

    public ValueTask<IReplicaWriter> BeginAsync(FileCertificate certificate, CancellationToken cancellationToken = default) =>
        Do<IReplicaWriter>(() => new OwnReplicaWriter(this, Claim(certificate)), cancellationToken);

    public async ValueTask StoreAsync(FileCertificate certificate, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        var replica = await Do(() => Claim(certificate), cancellationToken);
        if (content.Length != certificate.ContentLength || ContentTree.Compute(content.Span).Root != certificate.ContentRoot)
        {
            Remove(replica);
            throw new ContentVerificationException($"The content is not that of {certificate.FileId}.");
        }

        lock (_gate)
        {
            replica.Leaves.Clear();
            for (var leaf = 0; leaf < certificate.Layout.LeafCount; leaf++)
            {
                replica.Append(ContentLeaf.Compute(leaf, content.Slice((int)ContentLayout.OffsetOf(leaf), certificate.Layout.LengthOf(leaf))));
            }

            replica.Complete();
        }
    }

    public ValueTask<IVerifiedContent?> OpenReadAsync(FileId fileId, CancellationToken cancellationToken = default) =>
        Do<IVerifiedContent?>(() => Find(fileId) is { } replica ? new OwnReplicaContent(replica) : null, cancellationToken);

    public ValueTask<bool> DeleteAsync(FileId fileId, CancellationToken cancellationToken = default) =>
        Do(() => Find(fileId) is not null && _replicas.Remove(fileId), cancellationToken);

    public bool IsReclaimed(FileId fileId)
    {
        lock (_gate)
        {
            return _reclaimed.ContainsKey(fileId);
        }
    }

    public ValueTask<ReclaimedReplica> ReclaimAsync(ReclaimCertificate certificate, DateTimeOffset reclaimedAt, CancellationToken cancellationToken = default) => Do(
        () =>
        {
            if (!_reclaimed.TryGetValue(certificate.FileId, out var reclaimed))
            {
                if (_replicas.TryGetValue(certificate.FileId, out var replica) && replica.IsClaimed)
                {
                    throw new ReplicaExistsException(certificate.FileId, isStored: false);
                }

                reclaimed = new ReclaimedReplica(
                    certificate, replica is { IsWhole: true } ? replica.Certificate.ContentLength : null, DateTimeOffset.FromUnixTimeMilliseconds(reclaimedAt.ToUnixTimeMilliseconds()));
                _replicas.Remove(certificate.FileId);
                _reclaimed.Add(certificate.FileId, reclaimed);
            }

            return reclaimed;
        },
        cancellationToken);

    public ValueTask<ReclaimedReplica?> FindReclaimedAsync(FileId fileId, CancellationToken cancellationToken = default) =>
        Do(() => _reclaimed.GetValueOrDefault(fileId), cancellationToken);

    public ValueTask<int> ForgetReclaimedAsync(DateTimeOffset before, CancellationToken cancellationToken = default) => Do(
        () =>
        {
            var forgotten = _reclaimed.Where(entry => entry.Value.ReclaimedAt < before).Select(entry => entry.Key).ToArray();
            Array.ForEach(forgotten, fileId => _reclaimed.Remove(fileId));
            return forgotten.Length;
        },
        cancellationToken);

    public async ValueTask<ReplicaCondition> VerifyAsync(FileId fileId, CancellationToken cancellationToken = default)
    {
        if (await OpenReadAsync(fileId, cancellationToken) is not { } content)
        {
            return ReplicaCondition.Missing;
        }

        try
        {
            var buffer = new byte[ContentLayout.LeafSize];
            for (var leaf = 0; leaf < content.Certificate.Layout.LeafCount; leaf++)
            {
                await content.ReadLeafAsync(leaf, buffer, cancellationToken);
            }

            return ReplicaCondition.Intact;
        }
        catch (ReplicaCorruptException)
        {
            await DeleteAsync(fileId, CancellationToken.None);
            return ReplicaCondition.Corrupt;
        }
    }

    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        return ValueTask.CompletedTask;
    }

    public void Corrupt(FileId fileId, int offset) => _replicas[fileId].Leaves[offset / ContentLayout.LeafSize].Bytes[offset % ContentLayout.LeafSize] ^= 1;

    internal void Append(OwnReplica replica, in ContentLeaf leaf)
    {
        lock (_gate)
        {
            if (_replicas.Values.Sum(other => other.UsedBytes) + leaf.Bytes.Length > capacity)
            {
                throw new ReplicaStoreFullException($"There is no room for leaf {leaf.Index} of {replica.Certificate.FileId}.");
            }

            replica.Append(leaf);
        }
    }

    internal void Remove(OwnReplica replica)
    {
        lock (_gate)
        {
            _replicas.Remove(replica.Certificate.FileId);
        }
    }

    private OwnReplica? Find(FileId fileId) => _replicas.TryGetValue(fileId, out var replica) && replica.IsWhole ? replica : null;

    private OwnReplica Claim(FileCertificate certificate)
    {
        if (_reclaimed.ContainsKey(certificate.FileId))
        {
            throw new ReplicaReclaimedException(certificate.FileId);
        }

        if (_replicas.TryGetValue(certificate.FileId, out var known) && (known.IsWhole || known.IsClaimed))
        {
            throw new ReplicaExistsException(certificate.FileId, known.IsWhole);
        }

        if (_replicas.Values.Where(replica => replica != known).Sum(replica => replica.UsedBytes) + OwnReplica.LengthOf(certificate) > capacity)
        {
            throw new ReplicaStoreFullException($"There is no room for {certificate.FileId}.");
        }

        var replica = known is not null && known.Certificate.Equals(certificate) ? known : new OwnReplica(certificate);
        _replicas[certificate.FileId] = replica;
        replica.IsClaimed = true;
        return replica;
    }

    private async ValueTask<T> Do<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        lock (_gate)
        {
            return work();
        }
    }
}
