namespace P2P.Past;

/// <summary>Tells what a node's cache holds and has done.</summary>
/// <param name="Count">How many copies are there.</param>
/// <param name="UsedBytes">How many bytes they take, those that are being fetched among them.</param>
/// <param name="Hits">How many lookups were answered with a copy.</param>
/// <param name="HitBytes">How many bytes of content these files have.</param>
/// <param name="Misses">How many searches for files went on from here, since neither a replica nor a copy was there.</param>
/// <param name="Insertions">How many copies have come.</param>
/// <param name="Evictions">How many went for want of room.</param>
public readonly record struct CacheStatistics(int Count, long UsedBytes, long Hits, long HitBytes, long Misses, long Insertions, long Evictions)
{
    internal CacheStatistics Plus(CacheStatistics other) => new(
        Count + other.Count,
        UsedBytes + other.UsedBytes,
        Hits + other.Hits,
        HitBytes + other.HitBytes,
        Misses + other.Misses,
        Insertions + other.Insertions,
        Evictions + other.Evictions);
}
