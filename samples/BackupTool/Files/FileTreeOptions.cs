namespace BackupTool.Files;

/// <summary>Says what of the folders that are backed up is left out.</summary>
internal sealed record FileTreeOptions
{
    /// <summary>Patterns as in a .gitignore, for paths below what is backed up; one that begins with a slash also fits the whole path. The last that fits decides.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>Folders that are left out, by their absolute paths: as those of a ring that keeps the backup itself.</summary>
    public IReadOnlyList<string> ExcludedFolders { get; init; } = [];

    /// <summary>Leaves out what lies in folders that programs have marked as caches by a CACHEDIR.TAG.</summary>
    public bool ExcludeCaches { get; init; }

    /// <summary>Leaves out files that have more bytes than this.</summary>
    public long ExcludeLargerThan { get; init; } = long.MaxValue;

    /// <summary>Leaves out what lies on other disks than what is backed up: of these, only the folders where they are mounted are kept.</summary>
    public bool OneFileSystem { get; init; }
}
