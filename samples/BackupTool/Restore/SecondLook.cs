using BackupTool.Packs;
using BackupTool.Repository;

namespace BackupTool.Restore;

/// <summary>Reads anew where all chunks lie, once, when something is not where it was: a prune of another machine may have moved it. Safe for concurrent use.</summary>
internal sealed class SecondLook(BackupRepository repository)
{
    private readonly Lock _gate = new();
    private Task<ChunkIndex?>? _index;

    /// <returns>The index as it is now; null where it can't be had.</returns>
    public Task<ChunkIndex?> TakeAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _index ??= ReadAsync(cancellationToken);
        }
    }

    private async Task<ChunkIndex?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await repository.LoadIndexAsync(await repository.Heads.ReadAsync(cancellationToken), cancellationToken);
        }
        catch (BackupException)
        {
            return null;
        }
    }
}
