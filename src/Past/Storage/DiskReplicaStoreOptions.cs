namespace P2P.Past;

/// <summary>Sets up a <see cref="DiskReplicaStore"/>.</summary>
public sealed class DiskReplicaStoreOptions
{
    /// <summary>
    /// The directory that belongs to the store alone, on a disk of this machine: what a database needs of a file system, those over a network do
    /// not keep. It is created where it is missing, for its owner only.
    /// </summary>
    public required string Directory { get; set; }

    /// <summary>
    /// How many bytes replicas may take together, from 0. Each takes its content's length, about 400 bytes more, and 32 bytes for each
    /// 256 KiB; what the database and the file system add, some 60 bytes a replica and the rounding up to whole blocks, is not counted.
    /// </summary>
    public required long CapacityBytes { get; set; }

    /// <summary>
    /// The longest content, in bytes, that lies in the database, 0 to 256 KiB; default 64 KiB. Longer content is a file of its own. A higher value
    /// saves files and flushes, and has more written twice, first to the log and then to its place. What is stored stays where it is
    /// when the value changes.
    /// </summary>
    public int DatabaseContentMax { get; set; } = 64 * 1024;

    /// <summary>
    /// How many bytes of the disk, from 0, stay free of replicas, whatever the capacity; default 64 MiB. A database needs room to delete, too: on a disk that
    /// is full to the last block, nothing could be removed any more.
    /// </summary>
    public long DiskReserveBytes { get; set; } = 64L << 20;

    /// <summary>
    /// Whether what was stored or deleted is so after a failure of power too; default true. False suits a cache's copies: nothing waits for the disk to be flushed,
    /// what was stored last may be lost when the machine stops, and content that did not come to the disk is found damaged when it is read.
    /// </summary>
    public bool IsDurable { get; set; } = true;

    /// <summary>
    /// Whether opening makes the database anew, from the large replicas' files and from all that can be read of a damaged one; default false. It is what to do when
    /// the store says that its database is damaged. Reads everything small once; the damaged database is put aside.
    /// </summary>
    public bool Rebuild { get; set; }

    /// <summary>
    /// How long an interrupted replica waits to be continued before it is removed; default a day. Until then it takes the bytes that are
    /// written. A higher value saves transfers, and keeps capacity from others.
    /// </summary>
    public TimeSpan PartialRetention { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How long what was damaged is kept aside for inspection before opening the store removes it; default a week. What is put aside
    /// does not count against the capacity, but takes room on the disk.
    /// </summary>
    public TimeSpan QuarantineRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How many files that their owners have taken back are remembered, 1 to 16,777,216; default 131,072. Beyond it the oldest are forgotten, first those that were never held
    /// here, of which one owner has a quarter: a node that was away may bring these back. Each takes about 400 bytes of the disk and 250 of memory.
    /// </summary>
    public int ReclaimsMax { get; set; } = ReclaimedIds.DefaultMax;

    /// <summary>
    /// How many threads may wait for the disk at the same time, beside the one that commits, 1 or more; default 8. A higher value reads more at a time and
    /// stores large files faster, since waiting flushes share work, and costs a thread each while there is work, and up to half a mebibyte for each that reads.
    /// </summary>
    public int DiskThreadsMax { get; set; } = 8;

    /// <summary>The clock that ages are measured with. Default: the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    internal void Validate()
    {
        PastException.Require(!string.IsNullOrEmpty(Directory), nameof(Directory), Directory ?? "null", "a path");
        PastException.Require(CapacityBytes >= 0, nameof(CapacityBytes), CapacityBytes, "0 or more");
        PastException.Require(DatabaseContentMax is >= 0 and <= ContentLayout.LeafSize, nameof(DatabaseContentMax), DatabaseContentMax, $"0 to {ContentLayout.LeafSize}");
        PastException.Require(DiskReserveBytes >= 0, nameof(DiskReserveBytes), DiskReserveBytes, "0 or more");
        PastException.Require(PartialRetention >= TimeSpan.Zero, nameof(PartialRetention), PartialRetention, "zero or more");
        PastException.Require(QuarantineRetention >= TimeSpan.Zero, nameof(QuarantineRetention), QuarantineRetention, "zero or more");
        PastException.Require(ReclaimsMax is >= 1 and <= 1 << 24, nameof(ReclaimsMax), ReclaimsMax, "1 to 16,777,216");
        PastException.Require(DiskThreadsMax >= 1, nameof(DiskThreadsMax), DiskThreadsMax, "1 or more");
        ArgumentNullException.ThrowIfNull(Time);
    }
}
