using P2P.Past;

namespace Past.Tests.Simulation;

/// <summary>Is a disk that takes the time that its world says, and tells what was written and deleted.</summary>
internal sealed class SlowDisk(PastWorld world, IReplicaStore disk) : StoreDecorator(disk)
{
    /// <summary>How often a replica was opened.</summary>
    public int ReadCount { get; private set; }

    public override bool Contains(FileId fileId)
    {
        world.CountAsked(fileId);
        return base.Contains(fileId);
    }

    public override async ValueTask<IReplicaWriter> BeginAsync(FileCertificate certificate, CancellationToken cancellationToken = default) =>
        new Writer(world, await base.BeginAsync(certificate, cancellationToken).ConfigureAwait(false));

    public override async ValueTask StoreAsync(FileCertificate certificate, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        await world.TakeTimeAsync(world.DiskTime, cancellationToken).ConfigureAwait(false);
        await base.StoreAsync(certificate, content, cancellationToken).ConfigureAwait(false);
        world.CountKept();
    }

    public override async ValueTask<IVerifiedContent?> OpenReadAsync(FileId fileId, CancellationToken cancellationToken = default)
    {
        await world.TakeTimeAsync(world.DiskTime, cancellationToken).ConfigureAwait(false);
        var content = await base.OpenReadAsync(fileId, cancellationToken).ConfigureAwait(false);
        ReadCount += content is null ? 0 : 1;
        return content;
    }

    public override async ValueTask<bool> DeleteAsync(FileId fileId, CancellationToken cancellationToken = default)
    {
        await world.TakeTimeAsync(world.DiskTime, cancellationToken).ConfigureAwait(false);
        var deleted = await base.DeleteAsync(fileId, cancellationToken).ConfigureAwait(false);
        if (deleted)
        {
            world.Dropped(fileId);
        }

        return deleted;
    }

    private sealed class Writer(PastWorld world, IReplicaWriter writer) : WriterDecorator(writer)
    {
        public override async ValueTask AppendAsync(ContentLeaf leaf, CancellationToken cancellationToken = default)
        {
            await world.TakeTimeAsync(TimeSpan.FromSeconds(leaf.Bytes.Length / world.BytesPerSecond), cancellationToken).ConfigureAwait(false);
            await base.AppendAsync(leaf, cancellationToken).ConfigureAwait(false);
        }

        public override async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
        {
            await world.TakeTimeAsync(world.DiskTime, cancellationToken).ConfigureAwait(false);
            await base.CompleteAsync(cancellationToken).ConfigureAwait(false);
            world.CountKept();
        }
    }
}
