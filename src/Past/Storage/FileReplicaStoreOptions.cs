namespace P2P.Past;

/// <summary>Sets up a <see cref="FileReplicaStore"/>.</summary>
public sealed class FileReplicaStoreOptions
{
    /// <summary>The directory that belongs to the store alone. It is created where it is missing, for its owner only.</summary>
    public required string Directory { get; set; }

    /// <summary>
    /// How many bytes replicas may take together, from 0. Each takes its content's length, about 400 bytes more, and 32 bytes for each
    /// 256 KiB; what the file system adds by rounding up to whole blocks is not counted.
    /// </summary>
    public required long CapacityBytes { get; set; }

    /// <summary>
    /// How long an interrupted replica waits to be continued before it is removed; default a day. Until then it takes the bytes that are
    /// written. A higher value saves transfers, and keeps capacity from others.
    /// </summary>
    public TimeSpan PartialRetention { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How long a damaged replica is kept aside for inspection before opening the store removes it; default a week. What is put aside
    /// does not count against the capacity, but takes room on the disk.
    /// </summary>
    public TimeSpan QuarantineRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How many threads may wait for the disk at the same time, 1 or more; default 8. A higher value stores many small files faster, since
    /// waiting flushes share work, and costs a thread each while there is work.
    /// </summary>
    public int DiskThreadsMax { get; set; } = 8;

    /// <summary>The clock that ages are measured with. Default: the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    internal void Validate()
    {
        Require(!string.IsNullOrEmpty(Directory), nameof(Directory), Directory ?? "null", "a path");
        Require(CapacityBytes >= 0, nameof(CapacityBytes), CapacityBytes, "0 or more");
        Require(PartialRetention >= TimeSpan.Zero, nameof(PartialRetention), PartialRetention, "zero or more");
        Require(QuarantineRetention >= TimeSpan.Zero, nameof(QuarantineRetention), QuarantineRetention, "zero or more");
        Require(DiskThreadsMax >= 1, nameof(DiskThreadsMax), DiskThreadsMax, "1 or more");
        ArgumentNullException.ThrowIfNull(Time);
    }

    private static void Require(bool holds, string option, object value, string expected)
    {
        if (!holds)
        {
            throw new PastException($"The option {option} is {value}; it must be {expected}.");
        }
    }
}
