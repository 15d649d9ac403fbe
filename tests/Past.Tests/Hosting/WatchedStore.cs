using P2P.Past;

namespace Past.Tests.Hosting;

/// <summary>Tells of every change of what a store holds.</summary>
internal sealed class WatchedStore(IReplicaStore store, Action changed) : StoreDecorator(store)
{
    public override async ValueTask<IReplicaWriter> BeginAsync(FileCertificate certificate, CancellationToken cancellationToken = default) =>
        new Writer(await base.BeginAsync(certificate, cancellationToken), changed);

    public override async ValueTask StoreAsync(FileCertificate certificate, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        await base.StoreAsync(certificate, content, cancellationToken);
        changed();
    }

    public override async ValueTask<bool> DeleteAsync(FileId fileId, CancellationToken cancellationToken = default)
    {
        var deleted = await base.DeleteAsync(fileId, cancellationToken);
        changed();
        return deleted;
    }

    public override async ValueTask<ReplicaCondition> VerifyAsync(FileId fileId, CancellationToken cancellationToken = default)
    {
        var condition = await base.VerifyAsync(fileId, cancellationToken);
        changed();
        return condition;
    }

    private sealed class Writer(IReplicaWriter writer, Action changed) : WriterDecorator(writer)
    {
        public override async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
        {
            await base.CompleteAsync(cancellationToken);
            changed();
        }
    }
}
