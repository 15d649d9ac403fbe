using System.Text.Json;
using System.Text.Json.Serialization;
using P2P.Past;
using P2P.Pastry;

namespace QuickStart;

/// <summary>
/// Stores a folder as files of PAST: one for each file, and one for the manifest that names them all, so that one id brings everything back.
/// </summary>
internal sealed class FolderArchive(ISigner owner)
{
    /// <summary>Stores a folder.</summary>
    /// <param name="past">The node to store through.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="stored">Is told the bytes of each file that is stored.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The manifest's id and the ids of all files, the manifest's among them.</returns>
    public async Task<(FileId Manifest, IReadOnlyList<FileId> Files)> StoreAsync(
        IPastStore past, string folder, Action<long> stored, CancellationToken cancellationToken)
    {
        var paths = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
        var entries = new FileEntry[paths.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Defaults.Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, paths.Length, options, async (index, token) =>
        {
            var name = Relative(folder, paths[index]);
            var content = ContentSource.FromFile(paths[index]);
            var id = await InsertAsync(past, name, content, token);
            entries[index] = new FileEntry(name, id.ToString());
            stored(content.Length);
        });

        string[] emptyFolders = [.. Directory.GetDirectories(folder, "*", SearchOption.AllDirectories)
            .Where(path => !Directory.EnumerateFileSystemEntries(path).Any())
            .Select(path => Relative(folder, path))];
        var manifest = JsonSerializer.SerializeToUtf8Bytes(new Manifest(entries, emptyFolders), ManifestFormat.Default.Manifest);
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

        var options = new ParallelOptions { MaxDegreeOfParallelism = Defaults.Concurrency, CancellationToken = cancellationToken };
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
        await past.InsertAsync(name, owner, content, new() { ReplicaCount = Defaults.Replicas }, cancellationToken) switch
        {
            InsertResult.Stored stored => stored.FileId,
            InsertResult.Refused refused => throw new PastException($"{refused.By} refused '{name}': {refused.Reason}."),
            var other => throw new PastException(
                $"It is not known whether '{name}' is stored: {other.Receipts.Length} of {Defaults.Replicas} receipts came in time. Store it again, which costs little where it is stored."),
        };

    private static async Task<PastFile> FindAsync(IPastStore past, FileId id, CancellationToken cancellationToken) =>
        await past.LookupAsync(id, cancellationToken) switch
        {
            LookupResult.Found found => found.File,
            LookupResult.NotFound => throw new PastException($"The file {id} is not in the ring."),
            _ => throw new PastException($"The nodes that should hold {id} do not answer."),
        };

    private static string Relative(string folder, string path) => Path.GetRelativePath(folder, path).Replace('\\', '/');

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
