using System.Text.Json;
using System.Text.Json.Serialization;
using BackupTool.Chunks;

namespace BackupTool.Trees;

/// <summary>Is the form of a folder's chunk: its entries in JSON, sorted by name, so that a folder that has not changed is the same chunk again.</summary>
internal static class TreeCodec
{
    public static byte[] Write(IEnumerable<TreeEntry> entries) =>
        JsonSerializer.SerializeToUtf8Bytes([.. entries.OrderBy(entry => entry.Name, StringComparer.Ordinal).Select(ToForm)], TreeFormat.Default.EntryFormArray);

    /// <exception cref="BackupException">It is damaged, or names what no folder can contain.</exception>
    public static IReadOnlyList<TreeEntry> Read(ReadOnlySpan<byte> chunk)
    {
        try
        {
            TreeEntry[] entries = [.. (JsonSerializer.Deserialize(chunk, TreeFormat.Default.EntryFormArray) ?? []).Select(form => FromForm(form ?? throw new FormatException()))];
            return entries.All(entry => IsName(entry.Name)) && entries.DistinctBy(entry => entry.Name).Count() == entries.Length
                ? entries
                : throw new BackupException("A folder of the snapshot has entries whose names can't be: the snapshot was made by something else than this program.");
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            throw new BackupException("A folder of the snapshot is damaged.", exception);
        }
    }

    private static bool IsName(string name) => name is not ("" or "." or "..") && name.AsSpan().IndexOfAny('/', '\0') < 0;

    private static EntryForm ToForm(TreeEntry entry) => new()
    {
        Name = entry.Name,
        Kind = entry.Kind,
        Mode = entry.Mode,
        User = entry.UserId,
        Group = entry.GroupId,
        Modified = entry.ModifiedNs,
        Changed = entry.ChangedNs,
        Inode = entry.Inode,
        Length = entry.Length,
        Target = entry.Target,
        Link = entry.LinkGroup,
        Chunks = entry.Chunks.Count == 0 ? null : [.. entry.Chunks.Select(chunk => chunk.ToString())],
        Folder = entry.Folder?.ToString(),
    };

    private static TreeEntry FromForm(EntryForm form) => new()
    {
        Name = form.Name,
        Kind = Enum.IsDefined(form.Kind) ? form.Kind : throw new FormatException(),
        Mode = form.Mode & 0xfff,
        UserId = form.User,
        GroupId = form.Group,
        ModifiedNs = form.Modified,
        ChangedNs = form.Changed,
        Inode = form.Inode,
        Length = form.Length >= 0 ? form.Length : throw new FormatException(),
        Target = form.Target,
        LinkGroup = form.Link,
        Chunks = form.Chunks is null ? [] : [.. form.Chunks.Select(chunk => ChunkId.Parse(chunk))],
        Folder = form.Folder is null ? null : ChunkId.Parse(form.Folder),
    };
}

internal sealed record EntryForm
{
    public required string Name { get; init; }

    public EntryKind Kind { get; init; }

    public uint Mode { get; init; }

    public uint User { get; init; }

    public uint Group { get; init; }

    public long Modified { get; init; }

    public long Changed { get; init; }

    public ulong Inode { get; init; }

    public long Length { get; init; }

    public string? Target { get; init; }

    public string? Link { get; init; }

    public string[]? Chunks { get; init; }

    public string? Folder { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(EntryForm[]))]
internal sealed partial class TreeFormat : JsonSerializerContext;
