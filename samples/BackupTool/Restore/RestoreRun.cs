using BackupTool.Backup;
using BackupTool.Chunks;
using BackupTool.Files;
using BackupTool.Packs;
using BackupTool.Repository;
using BackupTool.Trees;

namespace BackupTool.Restore;

/// <summary>Brings a snapshot back: first its folders and links, then pack by pack what its files consist of, each pack once.</summary>
/// <param name="repository">Where it comes from.</param>
/// <param name="index">Where its chunks lie.</param>
/// <param name="target">Where it goes.</param>
/// <param name="includes">Which paths are wanted, as patterns like those of a .gitignore; none for all.</param>
/// <param name="counters">Shows how far it is.</param>
/// <param name="report">Learns what can't be restored, by its path and why; one at a time.</param>
internal sealed class RestoreRun(
    BackupRepository repository, ChunkIndex index, RestoreTarget target, IReadOnlyList<string> includes, Counters counters, Action<string, string> report)
{
    private readonly FolderReader _folders = new(repository, index);
    private readonly PathPatterns? _includes = includes.Count == 0 ? null : new PathPatterns(includes);
    private readonly Dictionary<int, List<Piece>> _pieces = [];
    private readonly Dictionary<string, FileJob> _linked = [];
    private readonly List<(RestoredFolder Folder, TreeEntry Entry, FileJob First)> _links = [];

    /// <summary>Restores a snapshot. What can't be restored is reported, and the rest goes on.</summary>
    /// <exception cref="BackupException">Nothing can be.</exception>
    public async Task RunAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        foreach (var entry in await _folders.ReadAsync(ChunkId.Parse(snapshot.Root), cancellationToken))
        {
            await PlanAsync(entry, () => target.Root, "", isWanted: _includes is null, cancellationToken);
        }

        counters.EndTotal();
        var packs = index.Packs;
        var fetching = new PieceFetcher(repository, counters);
        await Parallel.ForEachAsync(
            _pieces.OrderBy(pair => pair.Key),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            (pair, token) => fetching.FetchAsync(packs[pair.Key], pair.Value, token));
        foreach (var (folder, entry, first) in _links)
        {
            if (!first.IsDone)
            {
                report(folder.PathOf(entry.Name), $"it is the same file as {first.Folder.PathOf(first.Entry.Name)}, which is not restored");
            }
            else if (folder.MakeHardLink(entry, first.Folder, first.Entry.Name))
            {
                counters.AddFiles(1);
            }
        }

        target.Finish();
    }

    private async Task PlanAsync(TreeEntry entry, Func<RestoredFolder?> parent, string above, bool isWanted, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = above.Length == 0 ? entry.Name : $"{above}/{entry.Name}";
        isWanted = isWanted || _includes!.Match(path, "/" + path, entry.Kind == EntryKind.Folder);
        if (entry.Kind == EntryKind.Folder)
        {
            await PlanFolderAsync(entry, parent, path, isWanted, cancellationToken);
        }
        else if (isWanted && parent() is { } folder)
        {
            if (entry.Kind == EntryKind.Symlink)
            {
                folder.MakeSymlink(entry);
            }
            else
            {
                PlanFile(entry, folder, path);
            }
        }
    }

    private async Task PlanFolderAsync(TreeEntry entry, Func<RestoredFolder?> parent, string path, bool isWanted, CancellationToken cancellationToken)
    {
        // Where only some paths are wanted, a folder is made when there is something for it.
        var made = new Lazy<RestoredFolder?>(() => parent()?.MakeFolder(entry));
        if (isWanted && made.Value is null)
        {
            return;
        }

        try
        {
            foreach (var inner in entry.Folder is { } chunk ? await _folders.ReadAsync(chunk, cancellationToken) : [])
            {
                await PlanAsync(inner, () => made.Value, path, isWanted, cancellationToken);
            }
        }
        catch (BackupException exception)
        {
            report(path, exception.Message);
        }
    }

    private void PlanFile(TreeEntry entry, RestoredFolder folder, string path)
    {
        counters.AddTotal(1, entry.Length);
        if (entry.LinkGroup is { } group && _linked.TryGetValue(group, out var first))
        {
            counters.AddTotal(0, -entry.Length);
            _links.Add((folder, entry, first));
            return;
        }

        var lost = entry.Chunks.Count(chunk => !index.Contains(chunk));
        if (lost > 0)
        {
            report(path, $"{lost} of the {entry.Chunks.Count} chunks that it consists of are in no index of the repository");
            return;
        }

        if (entry.Chunks.Count == 0)
        {
            if (folder.WriteFile(entry, []))
            {
                counters.AddFiles(1);
            }

            return;
        }

        var job = new FileJob(folder, entry);
        if (!job.TryBegin())
        {
            return;
        }

        if (entry.LinkGroup is { } own)
        {
            _linked.Add(own, job);
        }

        var offset = 0L;
        foreach (var chunk in entry.Chunks)
        {
            index.TryFind(chunk, out var place);
            if (!_pieces.TryGetValue(place.Pack, out var pieces))
            {
                _pieces.Add(place.Pack, pieces = []);
            }

            pieces.Add(new(new(chunk, place.StoredLength, place.Length, place.IsCompressed), place.Offset, job, offset));
            offset += place.Length;
        }
    }
}
