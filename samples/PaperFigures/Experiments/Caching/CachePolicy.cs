using P2P.Past;

namespace PaperFigures.Experiments.Caching;

/// <summary>Is one way to cache, and what the paper found for it at <see cref="Utilisations"/>, read off its figure 8.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="New">Makes the policy of one node; null where nothing is cached.</param>
/// <param name="PaperHits">The fraction of lookups that a cache answered; empty where nothing is cached.</param>
/// <param name="PaperHops">How many hops a lookup made on average.</param>
internal sealed record CachePolicy(string Name, Func<ICachePolicy>? New, IReadOnlyList<double> PaperHits, IReadOnlyList<double> PaperHops)
{
    /// <summary>Where figures are taken: which part of all disks replicas use.</summary>
    public static readonly IReadOnlyList<double> Utilisations = [0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.98];

    public static readonly CachePolicy GreedyDualSize = new(
        "GD-S", static () => new GreedyDualSizePolicy(), [0.87, 0.83, 0.77, 0.65, 0.55, 0.47, 0.21], [0.35, 0.57, 0.85, 1.09, 1.35, 1.53, 2.04]);

    public static readonly CachePolicy LeastRecentlyUsed = new(
        "LRU", static () => new LeastRecentlyUsedPolicy(), [0.87, 0.79, 0.72, 0.61, 0.51, 0.43, 0.20], [0.35, 0.72, 0.95, 1.19, 1.44, 1.61, 2.07]);

    public static readonly CachePolicy None = new("no cache", New: null, [], [2.17, 2.25, 2.28, 2.29, 2.33, 2.35, 2.37]);

    public static readonly IReadOnlyList<CachePolicy> All = [GreedyDualSize, LeastRecentlyUsed, None];
}
