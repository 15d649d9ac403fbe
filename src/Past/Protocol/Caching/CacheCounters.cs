namespace P2P.Past.Protocol;

/// <summary>Counts what a node's cache holds and does. The machine writes; whoever reads metrics on another thread may see a number that is just changing.</summary>
internal sealed class CacheCounters
{
    public int Count { get; set; }

    public long UsedBytes { get; set; }

    public long Hits { get; set; }

    public long HitBytes { get; set; }

    public long Misses { get; set; }

    public long Insertions { get; set; }

    public long Evictions { get; set; }

    public CacheStatistics Read() => new(Count, UsedBytes, Hits, HitBytes, Misses, Insertions, Evictions);
}
