namespace BackupTool.Repository;

/// <summary>Is one backup: what was where, when.</summary>
internal sealed record Snapshot
{
    /// <summary>32 hexadecimal digits; the first eight mostly do.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required string Host { get; init; }

    public string User { get; init; } = "";

    /// <summary>What was backed up: absolute paths, sorted.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The chunk that holds the entries of the topmost folder.</summary>
    public required string Root { get; init; }

    public long Files { get; init; }

    public long Folders { get; init; }

    /// <summary>The length of all files together.</summary>
    public long Bytes { get; init; }

    /// <summary>How many bytes of chunks were new.</summary>
    public long AddedBytes { get; init; }

    /// <summary>How many those take in the ring, each counted once.</summary>
    public long StoredBytes { get; init; }

    public string ShortId => Id[..8];
}
