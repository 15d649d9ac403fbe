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
    private readonly SecondLook _secondLook = new(repository);
    private readonly PathPatterns? _includes = includes.Count == 0 ? null : new PathPatterns(includes);
    private readonly PiecePlan _pieces = new(index);
    private readonly Dictionary<string, FileJob> _linked = [];
    private readonly List<(RestoredFolder Folder, TreeEntry Entry, FileJob First)> _links = [];
    private FolderReader _folders = new(repository, index);
    private bool _hasLookedAgain;
    private bool _isAnyWanted;

    /// <summary>Restores a snapshot. What can't be restored is reported, and the rest goes on.</summary>
    /// <exception cref="BackupException">Nothing can be.</exception>
    public async Task RunAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        foreach (var entry in await ReadFolderAsync(ChunkId.Parse(snapshot.Root), cancellationToken))
        {
            await PlanAsync(entry, () => target.Root, "", isWanted: _includes is null, cancellationToken);
        }

        if (!_isAnyWanted && _includes is not null)
        {
            throw new BackupException($"Nothing in snapshot {snapshot.ShortId} fits what is to be included; ls shows what there is.");
        }

        counters.EndTotal();
        var fetching = new PieceFetcher(repository, counters);
        await Parallel.ForEachAsync(
            _pieces.Packs,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            (pair, token) => fetching.FetchAsync(pair.Pack, pair.Pieces, token));
        foreach (var (folder, entry, first) in _links)
        {
            if (!first.IsDone)
            {
                report(folder.PathOf(entry.Name), $"it is the same file as {first.File.Path}, which is not restored");
            }
            else if (folder.MakeHardLink(entry, first.File.Folder, first.File.Entry.Name))
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
        _isAnyWanted |= isWanted;
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
            foreach (var inner in entry.Folder is { } chunk ? await ReadFolderAsync(chunk, cancellationToken) : [])
            {
                await PlanAsync(inner, () => made.Value, path, isWanted, cancellationToken);
            }
        }
        catch (BackupException exception)
        {
            report(path, exception.Message);
        }
    }

    private async Task<IReadOnlyList<TreeEntry>> ReadFolderAsync(ChunkId folder, CancellationToken cancellationToken)
    {
        try
        {
            return await _folders.ReadAsync(folder, cancellationToken);
        }
        catch (BackupException) when (!_hasLookedAgain)
        {
            _hasLookedAgain = true;
            _folders = new(repository, await _secondLook.TakeAsync(cancellationToken) ?? index);
            return await _folders.ReadAsync(folder, cancellationToken);
        }
    }

    private void PlanFile(TreeEntry entry, RestoredFolder folder, string path)
    {
        var first = entry.LinkGroup is { } group ? _linked.GetValueOrDefault(group) : null;
        counters.AddTotal(1, first is null ? entry.Length : 0);
        if (folder.MakeFile(entry) is not { } file)
        {
            return;
        }

        if (first is not null)
        {
            _links.Add((folder, entry, first));
            return;
        }

        var job = new FileJob(file);
        if (_pieces.Add(job) is { } problem)
        {
            report(path, problem);
            return;
        }

        if (entry.LinkGroup is { } own)
        {
            _linked.Add(own, job);
        }

        if (entry.Chunks.Count == 0)
        {
            counters.AddFiles(job.WriteEmpty() ? 1 : 0);
        }
    }
}
