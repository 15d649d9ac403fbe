using System.Collections.Concurrent;
using BackupTool.Backup;
using BackupTool.Chunks;
using BackupTool.Packs;
using BackupTool.Repository;
using P2P.Past;

namespace BackupTool.Upkeep;

/// <summary>
/// Takes back what no snapshot needs: packs that hold nothing else, and those that hold too much of it, after what is needed has been packed anew. First the catalog says that they are gone, then they go: a
/// backup that runs meanwhile sees it before it ends, and what was broken off is taken up the next time.
/// </summary>
/// <param name="repository">The repository.</param>
/// <param name="host">Who prunes.</param>
/// <param name="counters">Shows how far it is, in packs that were copied or taken back.</param>
/// <param name="time">The clock.</param>
internal sealed class Pruning(BackupRepository repository, string host, Counters counters, TimeProvider time)
{
    /// <summary>A pack is packed anew when so much of it is needed by nobody.</summary>
    private const double UnusedMax = 0.25;

    private const int ReclaimsMax = 8;

    /// <summary>Packs that are shorter than a quarter of the usual are packed together when there are so many.</summary>
    private const int SmallPacksMin = 16;

    /// <summary>A backup that was not heard of for so long has been broken off: each says so every half an hour.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromHours(6);

    /// <summary>Finds out what would be taken back.</summary>
    /// <exception cref="BackupException">Something that is needed is lost: then nothing must be taken back.</exception>
    public async Task<PrunePlan> PlanAsync(CancellationToken cancellationToken)
    {
        var catalog = await repository.Heads.ReadAsync(cancellationToken);
        var packs = await repository.LoadPacksAsync(catalog.Indexes, cancellationToken);
        var check = new SnapshotCheck(repository, packs);
        foreach (var snapshot in catalog.Snapshots)
        {
            await check.MarkAsync(
                snapshot,
                (path, problem) => throw new BackupException($"'{path}' of snapshot {snapshot.ShortId} is lost ({problem}). Nothing is taken back while that is so: check tells of all that is lost, and forget takes such snapshots out."),
                cancellationToken);
        }

        Session[] brokenOff = [.. catalog.Sessions.Where(session => time.GetUtcNow() - session.Renewed > Silence)];

        // What goes on may need all that it has stored, though no snapshot tells of it yet.
        var live = catalog.Sessions.Except(brokenOff).Select(session => session.Run).ToHashSet();

        // A chunk that lies in several packs is needed in one.
        var needed = new HashSet<ChunkId>(check.Used);
        List<Pack> kept = [], repacked = [], unused = [];
        foreach (var pack in packs.OrderByDescending(pack => pack.Chunks.Count(chunk => check.Used.Contains(chunk.Id))))
        {
            PackedChunk[] used = [.. pack.Chunks.Where(chunk => needed.Contains(chunk.Id))];
            var share = (double)used.Sum(chunk => (long)chunk.StoredLength) / Math.Max(1, pack.Chunks.Sum(chunk => (long)chunk.StoredLength));
            var isLive = live.Contains(Convert.ToBase64String(pack.Run));
            (isLive ? kept : used.Length == 0 ? unused : share < 1 - UnusedMax ? repacked : kept).Add(pack);
            needed.ExceptWith(used.Select(chunk => chunk.Id));
        }

        Pack[] small = [.. kept.Where(pack => pack.Length < PackBuilder.TargetLength / 4 && !live.Contains(Convert.ToBase64String(pack.Run)))];
        if (small.Length >= SmallPacksMin)
        {
            kept.RemoveAll(small.Contains);
            repacked.AddRange(small);
        }

        var known = packs.Select(pack => pack.File).ToHashSet();
        var orphans = new List<Pack>();
        foreach (var session in brokenOff)
        {
            orphans.AddRange(await OrphanSearch.FindAsync(repository, session, known, cancellationToken));
        }

        return new PrunePlan(catalog, kept, repacked, [.. unused, .. orphans], check.Used, check.Folders, brokenOff);
    }

    /// <summary>Does it. Where a backup ends meanwhile, it begins again.</summary>
    /// <exception cref="BackupException">The ring does not take or give it now; nothing that is needed is gone.</exception>
    public async Task<PrunePlan> RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var plan = await PlanAsync(cancellationToken);
            counters.AddTotal(plan.Repacked.Count, 0);
            if (await CommitAsync(plan, cancellationToken) is { } catalog)
            {
                await TakeBackAsync(catalog, cancellationToken);
                return plan;
            }
        }
    }

    /// <returns>Null where the repository has changed since the plan was made.</returns>
    private async Task<Catalog?> CommitAsync(PrunePlan plan, CancellationToken cancellationToken)
    {
        var before = plan.Catalog;
        var index = new ChunkIndex();
        foreach (var pack in plan.Kept)
        {
            index.Add(pack);
        }

        using var sink = new PackSink(repository, index, host, time, counters.AddSent);
        await CopyAsync(plan, sink, index, cancellationToken);
        await sink.FlushAsync(cancellationToken);
        sink.Adopt(plan.Kept);
        var isWorth = plan.Repacked.Count + plan.Unused.Count > 0 || before.Indexes.Count > 1;
        var indexes = isWorth ? await sink.Record.WriteIndexesAsync(cancellationToken) : [];
        var isDone = false;
        var catalog = await repository.Heads.ChangeAsync(
            now =>
            {
                sink.Record.Require(now);
                isDone = indexes.Count > 0 && now.Indexes.Contains(indexes[0]);
                if (isDone)
                {
                    return now;
                }

                // Indexes that have come since tell of packs that this plan does not touch; snapshots that have come may need what it takes back.
                isDone = before.Indexes.All(now.Indexes.Contains)
                    && now.Snapshots.All(snapshot => before.Snapshots.Any(known => known.Id == snapshot.Id))
                    && plan.BrokenOff.All(now.Sessions.Contains);
                now = now with { Sessions = [.. now.Sessions.Where(session => session.Run != sink.Record.Run && !(isDone && plan.BrokenOff.Contains(session)))] };
                return !isDone ? now with
                {
                    Indexes = [.. now.Indexes.Except(sink.Record.Indexes)],
                    Doomed = [.. now.Doomed, .. FilesOf(sink.Record.Sent), .. sink.Record.Indexes, .. indexes],
                }
                    : !isWorth ? now
                    : now with
                    {
                        Indexes = [.. now.Indexes.Except(before.Indexes), .. indexes],
                        Doomed = [.. now.Doomed, .. before.Indexes, .. FilesOf(plan.Repacked), .. FilesOf(plan.Unused)],
                    };
            },
            cancellationToken);
        return isDone ? catalog : null;
    }

    private static IEnumerable<string> FilesOf(IEnumerable<Pack> packs) => packs.Select(pack => pack.File.ToString());

    /// <summary>Packs anew what is needed of packs that go.</summary>
    private async Task CopyAsync(PrunePlan plan, PackSink sink, ChunkIndex index, CancellationToken cancellationToken)
    {
        foreach (var pack in plan.Repacked)
        {
            var content = await repository.Shelf.ReadAsync(pack.File, cancellationToken) ?? throw new BackupException($"The ring has lost pack {pack.File}; check tells what that means.");
            var offset = PackFormat.HeadLength;
            foreach (var chunk in pack.Chunks)
            {
                if (plan.Used.Contains(chunk.Id) && !index.Contains(chunk.Id))
                {
                    var plain = new byte[chunk.Length];
                    if (!repository.Coder.TryDecode(pack.Run, chunk, content.AsSpan(offset, chunk.StoredLength), plain))
                    {
                        throw new BackupException($"The chunk {chunk.Id} in pack {pack.File} is damaged; check --read-data tells what that means.");
                    }

                    await sink.AddAsync(plain, plan.Folders.Contains(chunk.Id), cancellationToken);
                }

                offset += chunk.StoredLength;
            }

            counters.AddFiles(1);
        }
    }

    private async Task TakeBackAsync(Catalog catalog, CancellationToken cancellationToken)
    {
        counters.AddTotal(catalog.Doomed.Count, 0);
        counters.EndTotal();
        var gone = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(catalog.Doomed, new ParallelOptions { MaxDegreeOfParallelism = ReclaimsMax, CancellationToken = cancellationToken }, async (file, token) =>
        {
            if (await repository.Shelf.ReclaimAsync(FileId.Parse(file), token))
            {
                gone.Add(file);
            }

            counters.AddFiles(1);
        });
        if (!gone.IsEmpty)
        {
            await repository.Heads.ChangeAsync(now => now with { Doomed = [.. now.Doomed.Where(file => !gone.Contains(file))] }, cancellationToken);
        }
    }
}
