using BackupTool.Chunks;
using BackupTool.Files;
using BackupTool.Packs;
using BackupTool.Trees;

namespace BackupTool.Backup;

/// <summary>Walks over what is to be backed up, folder by folder, and stores what is not as it was at the last time.</summary>
internal sealed class TreeWalk(FileTree tree, FileStore files, PackSink sink, ChunkIndex index, FolderReader before, Counters counters)
{
    public long Files { get; private set; }

    public long Folders { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Stores a part of the paths' tree.</summary>
    /// <param name="forest">The part.</param>
    /// <param name="earlier">The chunk that holds the same folder at the last time; null where there is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The chunk that holds its entries.</returns>
    public async Task<ChunkId> StoreAsync(PathForest forest, ChunkId? earlier, CancellationToken cancellationToken)
    {
        if (forest.IsWhole)
        {
            return await StoreFolderAsync(forest.Path, forest.Path, earlier, cancellationToken);
        }

        var known = await ReadEarlierAsync(earlier, cancellationToken);
        var entries = new List<Task<TreeEntry?>>();
        foreach (var child in forest.Children)
        {
            if (tree.Stat(child.IsWhole ? child.Path : Resolved(child.Path)) is not { } entry)
            {
                continue;
            }

            entry = entry with { Name = child.Name };
            entries.Add(child.IsWhole
                ? await StoreAsync(child.Path, child.Path, entry, known.GetValueOrDefault(child.Name), cancellationToken)
                : Task.FromResult<TreeEntry?>(entry with { Folder = await StoreAsync(child, known.GetValueOrDefault(child.Name)?.Folder, cancellationToken) }));
        }

        return await EndAsync(entries, cancellationToken);
    }

    /// <returns>What becomes of the entry when all of it is taken; null where it can't be kept.</returns>
    private async Task<Task<TreeEntry?>> StoreAsync(string root, string path, TreeEntry entry, TreeEntry? earlier, CancellationToken cancellationToken)
    {
        switch (entry.Kind)
        {
            case EntryKind.Folder:
                Folders++;
                return Task.FromResult<TreeEntry?>(entry with { Folder = await StoreFolderAsync(root, path, earlier?.Folder, cancellationToken) });
            case EntryKind.File:
                if (earlier is not null && IsSame(entry, earlier))
                {
                    Files++;
                    Bytes += entry.Length;
                    counters.AddFiles(1);
                    counters.AddBytes(entry.Length);
                    return Task.FromResult<TreeEntry?>(entry with { Chunks = earlier.Chunks });
                }

                var storing = await files.StoreAsync(path, entry, cancellationToken);
                if (storing is not { IsCompletedSuccessfully: true, Result: null })
                {
                    Files++;
                    Bytes += entry.Length;
                }

                return storing;
            default:
                return Task.FromResult<TreeEntry?>(entry);
        }
    }

    private async Task<ChunkId> StoreFolderAsync(string root, string path, ChunkId? earlier, CancellationToken cancellationToken)
    {
        var known = await ReadEarlierAsync(earlier, cancellationToken);
        var entries = new List<Task<TreeEntry?>>();
        foreach (var entry in tree.List(root, path))
        {
            cancellationToken.ThrowIfCancellationRequested();
            entries.Add(await StoreAsync(root, Path.Join(path, entry.Name), entry, known.GetValueOrDefault(entry.Name), cancellationToken));
        }

        return await EndAsync(entries, cancellationToken);
    }

    private async Task<ChunkId> EndAsync(List<Task<TreeEntry?>> entries, CancellationToken cancellationToken)
    {
        var kept = await Task.WhenAll(entries);
        return await sink.AddAsync(TreeCodec.Write(kept.OfType<TreeEntry>()), isFolder: true, cancellationToken);
    }

    /// <summary>Follows a link on the way to what is backed up, which is kept as the folder that it leads to.</summary>
    private static string Resolved(string path) => new DirectoryInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;

    /// <summary>Tells whether a file need not be read: nothing of it has changed, and all its chunks are there.</summary>
    private bool IsSame(TreeEntry now, TreeEntry earlier) =>
        earlier.Kind == EntryKind.File
        && (now.Length, now.ModifiedNs, now.ChangedNs, now.Inode) == (earlier.Length, earlier.ModifiedNs, earlier.ChangedNs, earlier.Inode)
        && earlier.Chunks.All(index.Contains);

    private async Task<Dictionary<string, TreeEntry>> ReadEarlierAsync(ChunkId? folder, CancellationToken cancellationToken)
    {
        try
        {
            return folder is { } chunk ? (await before.ReadAsync(chunk, cancellationToken)).ToDictionary(entry => entry.Name, StringComparer.Ordinal) : [];
        }
        catch (BackupException)
        {
            // What can't be told is read anew; check tells of what is lost.
            return [];
        }
    }
}
