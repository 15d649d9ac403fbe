namespace P2P.Past.Storage;

/// <summary>Sets up a <see cref="FileReplicaStore"/>.</summary>
public sealed class FileReplicaStoreOptions
{
    /// <summary>The directory that belongs to the store alone. It is created where it is missing, for its owner only.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// How many bytes replicas may take together, from 0. Each takes its content's length, about 400 bytes more, and 32 bytes for each
    /// 256 KiB; what the file system adds by rounding up to whole blocks is not counted.
    /// </summary>
    public required long CapacityBytes { get; init; }

    /// <summary>
    /// How long an interrupted replica waits to be continued before opening the store removes it; a day by default. A higher value saves
    /// transfers, and keeps capacity from others.
    /// </summary>
    public TimeSpan PartialRetention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How long a damaged replica is kept aside for inspection before opening the store removes it; a week by default. What is put aside
    /// does not count against the capacity, but takes room on the disk.
    /// </summary>
    public TimeSpan QuarantineRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How many threads may wait for the disk at the same time, from 1; 8 by default. A higher value stores many small files faster, since
    /// waiting flushes share work, and costs a thread each while there is work.
    /// </summary>
    public int MaxDiskThreads { get; init; } = 8;

    /// <summary>The clock that ages are measured with; the system's by default.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Directory);
        ArgumentOutOfRangeException.ThrowIfNegative(CapacityBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(PartialRetention, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(QuarantineRetention, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDiskThreads, 1);
        ArgumentNullException.ThrowIfNull(TimeProvider);
    }
}
