using System.Collections.Concurrent;
using BackupTool.Backup;
using BackupTool.Chunks;
using BackupTool.Packs;
using BackupTool.Repository;
using BackupTool.Ring;

namespace BackupTool.Upkeep;

/// <summary>Makes sure that all that snapshots consist of is in the ring, and where it is asked for, that it can be read and is what it should be.</summary>
/// <param name="repository">The repository.</param>
/// <param name="readsData">Whether every chunk is fetched and opened.</param>
/// <param name="counters">Shows how far it is, in packs and their bytes.</param>
internal sealed class RepositoryCheck(BackupRepository repository, bool readsData, Counters counters)
{
    private const int LookupsMax = 16;

    private const int AttemptsMax = 3;

    private readonly ConcurrentQueue<(string Path, string Problem)> _problems = [];
    private readonly ConcurrentBag<Pack> _good = [];
    private readonly ConcurrentDictionary<(Pack Pack, ChunkId Chunk), byte> _damaged = [];
    private Catalog _catalog = new();

    /// <summary>What is lost or damaged, and why that is said.</summary>
    public IReadOnlyCollection<(string Path, string Problem)> Problems => _problems;

    public int Snapshots => _catalog.Snapshots.Count;

    public int Packs { get; private set; }

    public int Chunks { get; private set; }

    /// <summary>The bytes of chunks that no snapshot needs.</summary>
    public long UnusedBytes { get; private set; }

    /// <exception cref="BackupException">Not even the catalog can be read, or nobody answers.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            _catalog = await repository.Heads.ReadAsync(cancellationToken);
            await RunOnceAsync(cancellationToken);

            // What a prune takes back meanwhile is not lost.
            if (_problems.IsEmpty || attempt == AttemptsMax || (await repository.Heads.ReadAsync(cancellationToken)).Indexes.SequenceEqual(_catalog.Indexes))
            {
                return;
            }
        }
    }

    /// <summary>Takes what is lost or damaged out of the indexes, so that the next backup that comes by it stores it again, which mends earlier snapshots as well.</summary>
    /// <exception cref="BackupException">The repository has changed since it was checked.</exception>
    public async Task RepairAsync(CancellationToken cancellationToken)
    {
        Pack[] packs = [.. _good.Select(pack => pack with { Chunks = [.. pack.Chunks.Select(chunk => _damaged.ContainsKey((pack, chunk.Id)) ? chunk with { Id = default } : chunk)] })];
        var before = _catalog.Indexes;
        string[] indexes = [.. (await repository.StoreIndexesAsync(packs, cancellationToken)).Select(index => index.ToString())];
        await repository.Heads.ChangeAsync(
            now => now.Indexes.Intersect(indexes).Any() ? now
                : before.All(now.Indexes.Contains)
                    ? now with { Indexes = [.. now.Indexes.Except(before), .. indexes], Doomed = [.. now.Doomed, .. before] }
                    : throw new BackupException("The repository was changed while it was checked; check it again."),
            cancellationToken);
    }

    private async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        _problems.Clear();
        _good.Clear();
        _damaged.Clear();
        var packs = await repository.LoadPacksAsync(_catalog.Indexes, cancellationToken);
        Packs = packs.Count;
        counters.AddTotal(packs.Count, packs.Sum(pack => (long)pack.Length));
        counters.EndTotal();
        await Parallel.ForEachAsync(
            packs,
            new ParallelOptions { MaxDegreeOfParallelism = readsData ? Environment.ProcessorCount : LookupsMax, CancellationToken = cancellationToken },
            async (pack, token) =>
            {
                if (await IsGoodAsync(pack, token))
                {
                    _good.Add(pack);
                }

                counters.AddFiles(1);
                counters.AddBytes(pack.Length);
            });

        var check = new SnapshotCheck(repository, packs.Intersect(_good));
        foreach (var (pack, chunk) in _damaged.Keys)
        {
            check.Index.Forget(chunk, pack);
        }

        Chunks = check.Index.Count;
        foreach (var snapshot in _catalog.Snapshots)
        {
            await check.MarkAsync(snapshot, (path, problem) => Report($"{snapshot.ShortId}:{path}", problem), cancellationToken);
        }

        UnusedBytes = _good.SelectMany(pack => pack.Chunks).Where(chunk => !check.Used.Contains(chunk.Id)).Sum(chunk => (long)chunk.StoredLength);
    }

    private async Task<bool> IsGoodAsync(Pack pack, CancellationToken cancellationToken)
    {
        try
        {
            if (await repository.Shelf.FindAsync(pack.File, cancellationToken) is not { } file || file.Length != pack.Length)
            {
                Report($"pack {pack.File}", "the ring has lost it");
                return false;
            }

            if (readsData)
            {
                Open(pack, await Shelf.ReadAsync(file, cancellationToken));
            }

            return true;
        }
        catch (BackupException exception) when (exception.Code != ExitCode.RingUnavailable)
        {
            Report($"pack {pack.File}", exception.Message);
            return false;
        }
    }

    private void Open(Pack pack, byte[] content)
    {
        var (offset, buffer) = (PackFormat.HeadLength, Array.Empty<byte>());
        foreach (var chunk in pack.Chunks)
        {
            if (buffer.Length < chunk.Length)
            {
                buffer = new byte[Math.Max(chunk.Length, Chunker.MaxLength)];
            }

            // What was taken out by a repair has no name.
            if (chunk.Id != default
                && (offset + chunk.StoredLength > content.Length || !repository.Coder.TryDecode(pack.Run, chunk, content.AsSpan(offset, chunk.StoredLength), buffer.AsSpan(0, chunk.Length))))
            {
                _damaged.TryAdd((pack, chunk.Id), 0);
                Report($"pack {pack.File}", $"the chunk {chunk.Id} is damaged");
            }

            offset += chunk.StoredLength;
        }
    }

    private void Report(string path, string problem) => _problems.Enqueue((path, problem));
}
