using BackupTool.Chunks;
using BackupTool.Packs;
using BackupTool.Trees;

namespace BackupTool.Repository;

/// <summary>Walks over all that snapshots consist of.</summary>
internal sealed class SnapshotCheck
{
    private readonly ChunkIndex _index = new();
    private readonly FolderReader _folders;

    public SnapshotCheck(BackupRepository repository, IEnumerable<Pack> packs)
    {
        foreach (var pack in packs)
        {
            _index.Add(pack);
        }

        _folders = new FolderReader(repository, _index);
    }

    public ChunkIndex Index => _index;

    /// <summary>All chunks of the snapshots that were marked.</summary>
    public HashSet<ChunkId> Used { get; } = [];

    /// <summary>Those of them that hold folders.</summary>
    public HashSet<ChunkId> Folders { get; } = [];

    /// <summary>Folders in which something is lost.</summary>
    private readonly HashSet<ChunkId> _faulty = [];

    /// <summary>Notes all chunks of a snapshot, the folders' too.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="lacking">Learns the paths of files that can't be restored whole, and of folders, and why.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<bool> MarkAsync(Snapshot snapshot, Action<string, string> lacking, CancellationToken cancellationToken) =>
        MarkAsync(ChunkId.Parse(snapshot.Root), "", lacking, cancellationToken);

    /// <summary>Makes sure that all chunks of a snapshot are in the indexes.</summary>
    /// <exception cref="BackupException">Some are not.</exception>
    public Task RequireAsync(Snapshot snapshot, CancellationToken cancellationToken) => MarkAsync(
        snapshot,
        (path, problem) => throw new BackupException(
            $"Meanwhile a prune has taken away what '{path}' consists of ({problem}). Run the backup again; what it has stored is not stored twice."),
        cancellationToken);

    /// <returns>Whether all of it is there.</returns>
    private async Task<bool> MarkAsync(ChunkId folder, string path, Action<string, string> lacking, CancellationToken cancellationToken)
    {
        // A folder that was seen in another snapshot has been seen with all that is in it.
        if (!Folders.Add(folder))
        {
            if (_faulty.Contains(folder))
            {
                lacking(path + "/", "something in it is lost, as told of another place of the same folder");
            }

            return !_faulty.Contains(folder);
        }

        Used.Add(folder);

        IReadOnlyList<TreeEntry> entries;
        try
        {
            entries = await _folders.ReadAsync(folder, cancellationToken);
        }
        catch (BackupException exception) when (exception.Code != ExitCode.RingUnavailable)
        {
            lacking(path + "/", exception.Message);
            _faulty.Add(folder);
            return false;
        }

        var isWhole = true;

        foreach (var entry in entries)
        {
            var place = $"{path}/{entry.Name}";
            if (entry.Folder is { } inner)
            {
                isWhole &= await MarkAsync(inner, place, lacking, cancellationToken);
            }

            Used.UnionWith(entry.Chunks);
            if (entry.Chunks.Count(chunk => !_index.Contains(chunk)) is > 0 and var missing)
            {
                lacking(place, $"{missing} of its {entry.Chunks.Count} chunks are in no index");
                isWhole = false;
            }
        }

        if (!isWhole)
        {
            _faulty.Add(folder);
        }

        return isWhole;
    }
}
