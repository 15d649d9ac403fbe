using BackupTool.Files;

namespace BackupTool.Backup;

/// <summary>Says what is to be backed up.</summary>
internal sealed record BackupRequest
{
    /// <summary>Files and folders, as the user names them.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    public FileTreeOptions Files { get; init; } = new();

    public string Host { get; init; } = Environment.MachineName;

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Whether all files are read, also those that look as they did at the last time.</summary>
    public bool ReadsAll { get; init; }
}
