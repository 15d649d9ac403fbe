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
/// <param name="report">Learns of what is lost or damaged; from several threads.</param>
internal sealed class RepositoryCheck(BackupRepository repository, bool readsData, Counters counters, Action<string, string> report)
{
    private const int LookupsMax = 16;

    private readonly ConcurrentBag<(Pack Pack, ChunkId Chunk)> _damaged = [];

    /// <summary>How many snapshots were checked.</summary>
    public int Snapshots { get; private set; }

    public int Packs { get; private set; }

    public int Chunks { get; private set; }

    /// <summary>The bytes of chunks that no snapshot needs.</summary>
    public long UnusedBytes { get; private set; }

    /// <exception cref="BackupException">Not even the catalog can be read.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var catalog = await repository.Heads.ReadAsync(cancellationToken);
        var packs = await repository.LoadPacksAsync(catalog.Indexes, cancellationToken);
        Packs = packs.Count;
        counters.AddTotal(packs.Count, packs.Sum(pack => (long)pack.Length));
        counters.EndTotal();
        var good = new ConcurrentBag<Pack>();
        await Parallel.ForEachAsync(
            packs,
            new ParallelOptions { MaxDegreeOfParallelism = readsData ? Environment.ProcessorCount : LookupsMax, CancellationToken = cancellationToken },
            async (pack, token) =>
            {
                if (await IsGoodAsync(pack, token))
                {
                    good.Add(pack);
                }

                counters.AddFiles(1);
                counters.AddBytes(pack.Length);
            });

        var check = new SnapshotCheck(repository, packs.Intersect(good));
        foreach (var (pack, chunk) in _damaged)
        {
            check.Index.Forget(chunk, pack);
        }

        Chunks = check.Index.Count;
        foreach (var snapshot in catalog.Snapshots)
        {
            Snapshots++;
            await check.MarkAsync(snapshot, (path, problem) => report($"{snapshot.ShortId}:{path}", problem), cancellationToken);
        }

        UnusedBytes = good.SelectMany(pack => pack.Chunks).Where(chunk => !check.Used.Contains(chunk.Id)).Sum(chunk => (long)chunk.StoredLength);
    }

    private async Task<bool> IsGoodAsync(Pack pack, CancellationToken cancellationToken)
    {
        try
        {
            if (await repository.Shelf.FindAsync(pack.File, cancellationToken) is not { } file || file.Length != pack.Length)
            {
                report($"pack {pack.File}", "the ring has lost it");
                return false;
            }

            if (readsData)
            {
                Open(pack, await Shelf.ReadAsync(file, cancellationToken));
            }

            return true;
        }
        catch (BackupException exception)
        {
            report($"pack {pack.File}", exception.Message);
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

            if (offset + chunk.StoredLength > content.Length || !repository.Coder.TryDecode(pack.Run, chunk, content.AsSpan(offset, chunk.StoredLength), buffer.AsSpan(0, chunk.Length)))
            {
                _damaged.Add((pack, chunk.Id));
                report($"pack {pack.File}", $"the chunk {chunk.Id} is damaged");
            }

            offset += chunk.StoredLength;
        }
    }
}
