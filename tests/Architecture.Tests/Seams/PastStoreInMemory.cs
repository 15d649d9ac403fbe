using P2P.Past;
using P2P.Pastry;

namespace Architecture.Tests.Seams;

/// <summary>Stands in the place of an archive, for tests of who uses one.</summary>
internal sealed class PastStoreInMemory : IPastStore, IAsyncDisposable
{
    private readonly SigningKey _holder = SigningKey.Create();
    private readonly MemoryReplicaStore _replicas = new(1 << 30);

    public bool IsCutOff { get; set; }

    public async ValueTask<InsertResult> InsertAsync(
        string name, ISigner owner, IContentSource content, InsertOptions? options = null, CancellationToken cancellationToken = default)
    {
        var tree = await ContentTree.ComputeAsync(content, cancellationToken);
        var certificate = await FileCertificate.CreateAsync(
            name, owner, tree, (options ?? new()).ReplicaCount, new byte[] { 1 }, DateTimeOffset.UnixEpoch, cancellationToken: cancellationToken);
        return await ResumeInsertAsync(certificate, content, options?.Progress, cancellationToken);
    }

    public async ValueTask<InsertResult> ResumeInsertAsync(
        FileCertificate certificate, IContentSource content, IProgress<InsertProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (IsCutOff)
        {
            return new InsertResult.Refused(certificate, [], StoreRefusal.Unknown);
        }

        await using var source = await content.OpenAsync(0, cancellationToken);
        await using var writer = await _replicas.BeginAsync(certificate, cancellationToken);
        while (writer.NextLeaf < certificate.Layout.LeafCount)
        {
            var leaf = new byte[certificate.Layout.LengthOf(writer.NextLeaf)];
            await source.ReadExactlyAsync(leaf, cancellationToken);
            await writer.AppendAsync(ContentLeaf.Compute(writer.NextLeaf, leaf), cancellationToken);
        }

        await writer.CompleteAsync(cancellationToken);
        return new InsertResult.Stored(certificate, [StoreReceipt.Create(certificate, _holder, DateTimeOffset.UnixEpoch)]);
    }

    public async ValueTask<LookupResult> LookupAsync(FileId fileId, CancellationToken cancellationToken = default) =>
        IsCutOff ? LookupResult.Unreachable.Instance
        : await _replicas.OpenReadAsync(fileId, cancellationToken) is { } content ? new LookupResult.Found(PastFile.FromContent(content))
        : LookupResult.NotFound.Instance;

    public async ValueTask<ReclaimResult> ReclaimAsync(FileCertificate certificate, ISigner owner, CancellationToken cancellationToken = default)
    {
        if (IsCutOff)
        {
            return new ReclaimResult.Indeterminate([]);
        }

        var reclaim = await ReclaimCertificate.CreateAsync(certificate, owner, DateTimeOffset.UnixEpoch, cancellationToken);
        var reclaimed = await _replicas.ReclaimAsync(reclaim, DateTimeOffset.UnixEpoch, cancellationToken);
        return reclaimed.FreedBytes is { } freed
            ? new ReclaimResult.Reclaimed([ReclaimReceipt.Create(reclaim, freed, _holder, DateTimeOffset.UnixEpoch)])
            : ReclaimResult.NotFound.Instance;
    }

    public ValueTask DisposeAsync()
    {
        _holder.Dispose();
        return _replicas.DisposeAsync();
    }
}
