using System.Text.Json;
using System.Text.Json.Serialization;
using P2P.Past;
using P2P.Pastry;
using QuickStart.Input;
using QuickStart.Ring;

namespace QuickStart.Files;

/// <summary>
/// Stores a folder as files of PAST: one for each file, and one for the manifest that names them all, so that one id brings everything back.
/// </summary>
internal sealed class FolderArchive(ISigner owner)
{
    /// <summary>How many files are under way at a time.</summary>
    private const int Concurrency = 16;

    /// <summary>Stores a folder.</summary>
    /// <param name="past">The node to store through.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="stored">Is told the bytes of each file that is stored.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The manifest's id and the ids of all files, the manifest's among them.</returns>
    public async Task<(FileId Manifest, IReadOnlyList<FileId> Files)> StoreAsync(
        IPastStore past, InputFolder folder, Action<long> stored, CancellationToken cancellationToken)
    {
        var entries = new FileEntry[folder.Files.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, entries.Length, options, async (index, token) =>
        {
            var file = folder.Files[index];
            var content = file.Length == 0 ? ContentSource.FromBytes(ReadOnlyMemory<byte>.Empty) : ContentSource.FromFile(file.Path);
            var id = await InsertAsync(past, file.Name, content, token);
            entries[index] = new FileEntry(file.Name, id.ToString());
            stored(content.Length);
        });

        var manifest = JsonSerializer.SerializeToUtf8Bytes(new Manifest(entries, [.. folder.EmptyFolders]), ManifestFormat.Default.Manifest);
        var manifestId = await InsertAsync(past, "manifest", ContentSource.FromBytes(manifest), cancellationToken);
        return (manifestId, [.. entries.Select(entry => FileId.Parse(entry.Id)), manifestId]);
    }

    /// <summary>Brings a folder back from its manifest's id.</summary>
    public static async Task RestoreAsync(IPastStore past, FileId manifestId, string folder, Action<long> restored, CancellationToken cancellationToken)
    {
        var content = await (await FindAsync(past, manifestId, cancellationToken)).ReadAllBytesAsync(cancellationToken);
        var manifest = JsonSerializer.Deserialize(content, ManifestFormat.Default.Manifest)!;
        foreach (var name in manifest.EmptyFolders)
        {
            Directory.CreateDirectory(Inside(folder, name));
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(manifest.Files, options, async (entry, token) =>
        {
            var path = Inside(folder, entry.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var file = await FindAsync(past, FileId.Parse(entry.Id), token);
            await using var target = File.Create(path);
            await file.CopyToAsync(target, token);
            restored(file.Length);
        });
    }

    private async Task<FileId> InsertAsync(IPastStore past, string name, IContentSource content, CancellationToken cancellationToken) =>
        await past.InsertAsync(name, owner, content, new() { ReplicaCount = RingDefaults.Replicas }, cancellationToken) switch
        {
            InsertResult.Stored stored => stored.FileId,
            InsertResult.Refused refused => throw new PastException($"{refused.By} refused '{name}': {refused.Reason}."),
            var other => throw new PastException(
                $"It is not known whether '{name}' is stored: {other.Receipts.Length} of {RingDefaults.Replicas} receipts came in time. Store it again, which costs little where it is stored."),
        };

    private static async Task<PastFile> FindAsync(IPastStore past, FileId id, CancellationToken cancellationToken) =>
        await past.LookupAsync(id, cancellationToken) switch
        {
            LookupResult.Found found => found.File,
            LookupResult.NotFound => throw new PastException($"The file {id} is not in the ring."),
            _ => throw new PastException($"The nodes that should hold {id} do not answer."),
        };

    /// <summary>A manifest comes from the ring: what it names must stay inside of the folder.</summary>
    private static string Inside(string folder, string name)
    {
        var path = Path.GetFullPath(Path.Combine(folder, name));
        return path.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new PastException($"The manifest names '{name}', which lies outside of the folder.");
    }
}

internal sealed record Manifest(FileEntry[] Files, string[] EmptyFolders);

internal sealed record FileEntry(string Name, string Id);

[JsonSerializable(typeof(Manifest))]
internal sealed partial class ManifestFormat : JsonSerializerContext;
