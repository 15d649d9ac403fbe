using BackupTool.Chunks;
using BackupTool.Files;
using BackupTool.Packs;
using BackupTool.Repository;
using BackupTool.Trees;

namespace BackupTool.Backup;

/// <summary>Makes a snapshot.</summary>
/// <param name="repository">Where it goes.</param>
/// <param name="request">What of.</param>
/// <param name="counters">Shows how far it is.</param>
/// <param name="time">The clock.</param>
/// <param name="report">Learns what can't be kept, by its path and why; from several threads.</param>
internal sealed class BackupRun(BackupRepository repository, BackupRequest request, Counters counters, TimeProvider time, Action<string, string> report)
{
    private readonly HashSet<string> _resumed = [];

    /// <exception cref="BackupException">It could not be made. What was stored by then is not stored again the next time.</exception>
    public async Task<BackupOutcome> RunAsync(CancellationToken cancellationToken)
    {
        string[] paths = [.. request.Paths.Select(path => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))).Distinct().Order(StringComparer.Ordinal)];
        var start = await repository.Heads.ReadAsync(cancellationToken);
        var index = await repository.LoadIndexAsync(start, cancellationToken);
        using var sink = new PackSink(repository, index, request.Host, time, counters.AddSent);
        var counting = Task.Run(() => Count(paths, cancellationToken), cancellationToken);
        var resumed = await ResumeAsync(start, index, sink, cancellationToken);
        var parent = request.ReadsAll ? null : start.Snapshots.Where(snapshot => snapshot.Host == request.Host && snapshot.Paths.SequenceEqual(paths)).MaxBy(snapshot => snapshot.Time);
        using var files = new FileStore(new Chunker(repository.Keys.Cutting), sink, counters, report);
        var walk = new TreeWalk(new FileTree(request.Files, report), files, sink, index, new FolderReader(repository, index), counters);
        try
        {
            var root = await walk.StoreAsync(PathForest.Of(paths), parent is null ? null : ChunkId.Parse(parent.Root), cancellationToken);
            await sink.FlushAsync(cancellationToken);
            await counting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var snapshot = new Snapshot
            {
                Id = Guid.NewGuid().ToString("n"),
                Time = time.GetUtcNow(),
                Host = request.Host,
                User = Environment.UserName,
                Paths = paths,
                Tags = request.Tags,
                Root = root.ToString(),
                Files = walk.Files,
                Folders = walk.Folders,
                Bytes = walk.Bytes,
                AddedBytes = sink.AddedBytes,
                StoredBytes = sink.StoredBytes,
            };
            await CommitAsync(snapshot, start, sink, cancellationToken);
            return new(snapshot, resumed);
        }
        catch
        {
            await files.SettleAsync();
            await sink.SettleAsync();
            throw;
        }
    }

    /// <summary>Takes over what backups of this host that were broken off have stored.</summary>
    private async Task<long> ResumeAsync(Catalog start, ChunkIndex index, PackSink sink, CancellationToken cancellationToken)
    {
        var bytes = 0L;
        foreach (var session in start.Sessions.Where(session => session.Host == request.Host))
        {
            var known = index.Packs.Select(pack => pack.File).ToHashSet();
            var found = await OrphanSearch.FindAsync(repository, session, known, cancellationToken);
            if (found.Count > 0 && await RenewAsync(session, cancellationToken))
            {
                _resumed.Add(session.Run);
                sink.Adopt(found);
                bytes += found.Sum(pack => (long)pack.Length);
            }
        }

        return bytes;
    }

    /// <summary>Makes sure that what a backup has stored is not taken back while this one builds on it.</summary>
    /// <returns>False where it is being taken back already.</returns>
    private async Task<bool> RenewAsync(Session session, CancellationToken cancellationToken)
    {
        var catalog = await repository.Heads.ChangeAsync(
            now => now with { Sessions = [.. now.Sessions.Select(other => other.Run == session.Run ? other with { Renewed = time.GetUtcNow() } : other)] }, cancellationToken);
        return catalog.Sessions.Any(other => other.Run == session.Run);
    }

    /// <summary>Counts what there is to do, ahead of those who do it.</summary>
    private void Count(string[] paths, CancellationToken cancellationToken)
    {
        var tree = new FileTree(request.Files, static (_, _) => { });
        foreach (var path in paths)
        {
            if (tree.Stat(path) is { } entry)
            {
                Count(tree, path, path, entry, cancellationToken);
            }
        }

        counters.EndTotal();
    }

    private void Count(FileTree tree, string root, string path, TreeEntry entry, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (entry.Kind == EntryKind.File)
        {
            counters.AddTotal(1, entry.Length);
        }
        else if (entry.Kind == EntryKind.Folder)
        {
            foreach (var inner in tree.List(root, path))
            {
                Count(tree, root, Path.Join(path, inner.Name), inner, cancellationToken);
            }
        }
    }

    private async Task CommitAsync(Snapshot snapshot, Catalog start, PackSink sink, CancellationToken cancellationToken)
    {
        var added = await sink.Record.WriteIndexesAsync(cancellationToken);
        var known = start.Indexes.Union(sink.Record.Indexes).ToHashSet();
        await repository.Heads.ChangeAsync(
            async catalog =>
            {
                if (catalog.Snapshots.Any(other => other.Id == snapshot.Id))
                {
                    return catalog;
                }

                sink.Record.Require(catalog);
                if (_resumed.Except(catalog.Sessions.Select(session => session.Run)).Any())
                {
                    throw new BackupException("A prune takes back what the backup before this one had stored, which was broken off hours ago. Run the backup again.");
                }

                // Packs that this snapshot relies on may have been taken back by somebody who did not know of it.
                if (!known.IsSubsetOf(catalog.Indexes))
                {
                    var packs = await repository.LoadPacksAsync([.. catalog.Indexes.Union(added)], cancellationToken);
                    await new SnapshotCheck(repository, packs).RequireAsync(snapshot, cancellationToken);
                    known = [.. catalog.Indexes];
                }

                return catalog with
                {
                    Snapshots = [.. catalog.Snapshots, snapshot],
                    Indexes = [.. catalog.Indexes.Union(added)],
                    Sessions = [.. catalog.Sessions.Where(session => session.Run != sink.Record.Run)],
                };
            },
            cancellationToken);
    }
}
