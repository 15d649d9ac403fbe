using P2P.YouServ.Http;
using P2P.YouServ.Protocol;
using P2P.YouServ.Storage;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>
/// Gathers the files of a plan beside the copy: from the copy itself, where it has the content under another name; many small ones together; and of large ones the blocks that differ. Each is checked by its digest.
/// A large one that was cut off goes on where it was.
/// </summary>
internal sealed class FileGathering(SyncClient client, CopyFolder folder, SiteIndex index, CancellationToken cancellationToken)
{
    private const int BatchLengthMax = 8 << 20;
    private const int AtOnce = 4;
    private const int RunBlocksMax = SyncPaths.RunLengthMax / Blocks.Length;
    private const string PartEnding = ".part";

    private readonly Lock _gate = new();
    private readonly List<(string From, SitePath Path, TreeEntry Entry)> _gathered = [];
    private readonly Dictionary<string, HashedFile> _hashed = new(StringComparer.Ordinal);
    private int _number;

    /// <summary>Files that are whole: where each is, and where it belongs.</summary>
    public IReadOnlyList<(string From, SitePath Path, TreeEntry Entry)> Gathered => _gathered;

    /// <summary>What is known of them, by their paths.</summary>
    public IReadOnlyDictionary<string, HashedFile> Hashed => _hashed;

    /// <summary>Gathers what is wanted; what has changed at the owner's meanwhile is left out.</summary>
    public async Task GatherAsync(IReadOnlyList<(SitePath Path, TreeEntry Entry)> wanted)
    {
        var large = wanted.Where(file => file.Entry.Length > Blocks.Length).ToList();
        var parts = large.Select(file => PartOf(file.Path, file.Entry)).ToHashSet(StringComparer.Ordinal);
        folder.CleanIncoming(parts.Contains);
        var present = index.PathsByDigest();
        var missing = new List<(SitePath Path, TreeEntry Entry)>();
        foreach (var file in wanted)
        {
            if (!present.TryGetValue(file.Entry.Digest, out var known) || known.Length != file.Entry.Length || !TryCopy(file.Path, file.Entry, SitePath.Parse(known.Path)))
            {
                missing.Add(file);
            }
        }

        await Parallel.ForEachAsync(
            Batches(missing.Where(file => file.Entry.Length <= Blocks.Length)), Options(), async (batch, _) => await FetchSmallAsync(batch).ConfigureAwait(false)).ConfigureAwait(false);
        foreach (var (path, entry) in missing.Where(file => file.Entry.Length > Blocks.Length))
        {
            await FetchLargeAsync(path, entry).ConfigureAwait(false);
        }
    }

    private static IEnumerable<List<(SitePath Path, TreeEntry Entry)>> Batches(IEnumerable<(SitePath Path, TreeEntry Entry)> files)
    {
        var (batch, length) = (new List<(SitePath, TreeEntry)>(), 0L);
        foreach (var file in files)
        {
            if (batch.Count == SyncPaths.FilesTogether / AtOnce || length + file.Entry.Length > BatchLengthMax)
            {
                yield return batch;
                (batch, length) = ([], 0);
            }

            batch.Add(file);
            length += file.Entry.Length;
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    private ParallelOptions Options() => new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };

    private static string PartOf(SitePath path, TreeEntry entry) => $"{entry.Digest}-{ContentDigest.Of(System.Text.Encoding.UTF8.GetBytes(path.Value)).First:x16}{PartEnding}";

    private string NextName() => folder.Incoming(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref _number)}"));

    private async Task FetchSmallAsync(List<(SitePath Path, TreeEntry Entry)> batch) => await client.GetFilesAsync(
        [.. batch.Select(file => file.Path)],
        (number, content) =>
        {
            var (path, entry) = batch[number];
            if (content is { } bytes && bytes.Length == entry.Length)
            {
                ContentDigest[] blocks = bytes.IsEmpty ? [] : [ContentDigest.Of(bytes.Span)];
                if (ContentDigest.OfBlocks(blocks) == entry.Digest)
                {
                    var name = NextName();
                    using (var file = CopyFolder.Open(name, isNew: true))
                    {
                        RandomAccess.Write(file, bytes.Span, 0);
                    }

                    Add(name, path, entry, blocks);
                }
            }

            return ValueTask.CompletedTask;
        },
        cancellationToken).ConfigureAwait(false);

    private async Task FetchLargeAsync(SitePath path, TreeEntry entry)
    {
        if (await client.GetBlocksAsync(path, entry, cancellationToken).ConfigureAwait(false) is not { } wanted)
        {
            return;
        }

        var name = folder.Incoming(PartOf(path, entry));
        var present = await BeginPartAsync(name, path, entry).ConfigureAwait(false);
        var isWhole = true;
        using (var file = CopyFolder.Open(name, isNew: false))
        {
            await Parallel.ForEachAsync(Blocks.Missing(wanted, present, RunBlocksMax), Options(), async (run, _) =>
            {
                // After the first wrong one the file is another by now, and the rest is not worth its way.
                if (Volatile.Read(ref isWhole) && !await FetchRunAsync(file, path, entry, wanted, run).ConfigureAwait(false))
                {
                    Volatile.Write(ref isWhole, false);
                }
            }).ConfigureAwait(false);
            if (isWhole)
            {
                RandomAccess.SetLength(file, entry.Length);
            }
        }

        if (isWhole)
        {
            Add(name, path, entry, wanted);
        }
    }

    /// <summary>Begins with what was fetched before, or with the file as it is.</summary>
    /// <returns>The digests of the blocks that are there.</returns>
    private async Task<ContentDigest[]> BeginPartAsync(string name, SitePath path, TreeEntry entry)
    {
        if (File.Exists(name))
        {
            using var part = CopyFolder.Open(name, isNew: false);
            return FileHasher.Hash(part, RandomAccess.GetLength(part), cancellationToken);
        }

        var old = index.Root.Find(path.Parent)?.Entries.FirstOrDefault(known => known.Name == path.Name && !known.IsFolder);
        if (old is not { Length: > 0 } known || await index.BlocksOfAsync(path, known.Digest).ConfigureAwait(false) is not { } blocks)
        {
            return [];
        }

        if (index.IsUnchanged(path))
        {
            File.Copy(folder.PathOf(path), name, overwrite: true);
            if (index.IsUnchanged(path))
            {
                return blocks;
            }
        }

        File.Delete(name);
        return [];
    }

    private async Task<bool> FetchRunAsync(Microsoft.Win32.SafeHandles.SafeFileHandle file, SitePath path, TreeEntry entry, ContentDigest[] wanted, BlockRun run)
    {
        var offset = (long)run.First * Blocks.Length;
        var bytes = new byte[(int)Math.Min((long)run.Count * Blocks.Length, entry.Length - offset)];
        if (!await client.FillAsync(path, offset, bytes, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        for (var block = 0; block < run.Count; block++)
        {
            var content = bytes.AsMemory(block * Blocks.Length, Blocks.LengthOf(run.First + block, entry.Length));
            if (ContentDigest.Of(content.Span) != wanted[run.First + block])
            {
                return false;
            }

            RandomAccess.Write(file, content.Span, offset + (block * Blocks.Length));
        }

        return true;
    }

    /// <summary>Takes a file that the copy has under another name, unless somebody has changed it there.</summary>
    private bool TryCopy(SitePath path, TreeEntry entry, SitePath from)
    {
        var name = NextName();
        try
        {
            File.Copy(folder.PathOf(from), name, overwrite: true);
            using var file = CopyFolder.Open(name, isNew: false);
            var blocks = RandomAccess.GetLength(file) == entry.Length ? FileHasher.Hash(file, entry.Length, cancellationToken) : [];
            file.Dispose();
            if (ContentDigest.OfBlocks(blocks) != entry.Digest)
            {
                File.Delete(name);
                return false;
            }

            Add(name, path, entry, blocks);
            return true;
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private void Add(string name, SitePath path, TreeEntry entry, ContentDigest[] blocks)
    {
        CopyFolder.Touch(name, entry);
        var stamp = index.StampOf(name);
        lock (_gate)
        {
            _gathered.Add((name, path, entry));
            _hashed[path.Value] = new(path.Value, new(stamp, entry.Digest), blocks);
        }
    }
}
