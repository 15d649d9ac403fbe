namespace P2P.Past;

/// <summary>
/// Sets up a node's cache: copies of files that lookups and inserts have passed by, kept in room that replicas don't need (PAST §4). A copy answers lookups
/// as a replica does, may go at any time, and counts as a replica for nobody.
/// </summary>
public sealed record CacheOptions
{
    /// <summary>
    /// How many bytes copies may take together, from 0; default 64 MiB, which a laptop can spare of its memory. Never more than is free of the replicas' capacity: when
    /// replicas come, copies go. A higher value answers more lookups at once, and takes as much more of where copies are kept.
    /// </summary>
    public long CapacityBytes { get; init; } = 64L << 20;

    /// <summary>
    /// How large a copy may be, as a part of the room that the cache has at the time: c of the paper, more than 0 to 1, default 1. With less, large files push
    /// out fewer small ones, and are not cached where there is little room.
    /// </summary>
    public double AdmissionRatio { get; init; } = 1;

    /// <summary>
    /// How long after it left a replica a copy is given out; at least a second, default a day. The copies of a file outlive by that long that its owner took
    /// it back; with less, files that are asked for now and then are fetched again more often.
    /// </summary>
    public TimeSpan CopyLifetime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How many copies are fetched at a time because a search passed by, 1 to 256; default 8, of which one neighbour may bring about a quarter. Beyond it, a file is
    /// cached when it is asked for the next time. A higher value lets a file spread faster, and takes more of the network from other work.
    /// </summary>
    public int FetchesMax { get; init; } = 8;

    /// <summary>Makes the node's policy, which says what goes when room is needed. Default: a <see cref="GreedyDualSizePolicy"/>.</summary>
    public Func<ICachePolicy> NewPolicy { get; init; } = static () => new GreedyDualSizePolicy();

    /// <summary>Checks the options.</summary>
    /// <exception cref="PastException">An option is outside of its range.</exception>
    public void Validate()
    {
        PastException.Require(CapacityBytes >= 0, $"{nameof(CapacityBytes)} of the cache", CapacityBytes, "0 or more");
        PastException.Require(AdmissionRatio is > 0 and <= 1, $"{nameof(AdmissionRatio)} of the cache", AdmissionRatio, "more than 0, and at most 1");
        PastException.Require(CopyLifetime >= TimeSpan.FromSeconds(1), $"{nameof(CopyLifetime)} of the cache", CopyLifetime, "a second or more");
        PastException.Require(FetchesMax is >= 1 and <= 256, $"{nameof(FetchesMax)} of the cache", FetchesMax, "1 to 256");
        ArgumentNullException.ThrowIfNull(NewPolicy);
    }
}
