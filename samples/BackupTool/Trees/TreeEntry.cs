using BackupTool.Chunks;

namespace BackupTool.Trees;

/// <summary>Is what a backup keeps of a file, a folder or a symbolic link.</summary>
internal sealed record TreeEntry
{
    /// <summary>Its name within its folder: no path, and neither "." nor "..".</summary>
    public required string Name { get; init; }

    public required EntryKind Kind { get; init; }

    /// <summary>The twelve bits of its rights, as chmod takes them; 0 where the system has none (Windows).</summary>
    public uint Mode { get; init; }

    public uint UserId { get; init; }

    public uint GroupId { get; init; }

    /// <summary>When its content was changed last, in nanoseconds since 1970; may be negative.</summary>
    public long ModifiedNs { get; init; }

    /// <summary>When anything of it was changed last, in nanoseconds since 1970: with <see cref="Inode"/> it tells whether a file is the same as before. 0 where unknown.</summary>
    public long ChangedNs { get; init; }

    /// <summary>The number that its disk knows it by; 0 where unknown.</summary>
    public ulong Inode { get; init; }

    /// <summary>The length of a file in bytes.</summary>
    public long Length { get; init; }

    /// <summary>Where a symbolic link leads, as it stands in the link.</summary>
    public string? Target { get; init; }

    /// <summary>The same text for all names of one file that has several (hard links) within one backup; null where it has one.</summary>
    public string? LinkGroup { get; init; }

    /// <summary>What a file consists of, in order.</summary>
    public IReadOnlyList<ChunkId> Chunks { get; init; } = [];

    /// <summary>The chunk that holds the entries of a folder.</summary>
    public ChunkId? Folder { get; init; }
}
