using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using P2P.Past.Protocol;

namespace P2P.Past;

/// <summary>
/// Reports what the caches of a process's nodes hold and do, through one meter. Numbers are read when somebody collects them, and are sums over all nodes, those that have
/// stopped included where they are counts.
/// </summary>
internal sealed class PastMetrics
{
    private static readonly ConditionalWeakTable<Meter, PastMetrics> OfMeters = [];
    private static readonly Meter ProcessMeter = new(PastTelemetry.MeterName);

    private readonly Lock _gate = new();
    private readonly List<CacheCounters> _caches = [];
    private CacheStatistics _ofStopped;

    private PastMetrics(Meter meter)
    {
        Count("cache_hits", "{lookup}", "Lookups answered with a cached copy.", cache => cache.Hits);
        Count("cache_hit_bytes", "By", "Content of the files that were given from caches.", cache => cache.HitBytes);
        Count("cache_misses", "{search}", "Searches for files that went on, since neither a replica nor a copy was there.", cache => cache.Misses);
        Count("cache_insertions", "{copy}", "Copies that were cached.", cache => cache.Insertions);
        Count("cache_evictions", "{copy}", "Copies that went for want of room.", cache => cache.Evictions);
        Show("cache_copies", "{copy}", "Copies that are cached.", cache => cache.Count);
        Show("cache_bytes", "By", "Bytes that cached copies take.", cache => cache.UsedBytes);

        void Count(string name, string unit, string description, Func<CacheStatistics, long> read) =>
            meter.CreateObservableCounter(PastTelemetry.Prefix + name, () => Total(read), unit, description);

        void Show(string name, string unit, string description, Func<CacheStatistics, long> read) =>
            meter.CreateObservableUpDownCounter(PastTelemetry.Prefix + name, () => Sum(read), unit, description);
    }

    /// <summary>Gives the metrics of a factory's meter, or those of the process.</summary>
    public static PastMetrics Of(IMeterFactory? factory) =>
        OfMeters.GetValue(factory?.Create(new MeterOptions(PastTelemetry.MeterName)) ?? ProcessMeter, meter => new PastMetrics(meter));

    public void Add(CacheCounters cache)
    {
        lock (_gate)
        {
            _caches.Add(cache);
        }
    }

    /// <summary>Takes a node's cache out that has stopped; what it has counted stays.</summary>
    public void Remove(CacheCounters cache)
    {
        lock (_gate)
        {
            if (_caches.Remove(cache))
            {
                _ofStopped = _ofStopped.Plus(cache.Read());
            }
        }
    }

    private long Total(Func<CacheStatistics, long> read)
    {
        lock (_gate)
        {
            return _caches.Sum(cache => read(cache.Read())) + read(_ofStopped);
        }
    }

    private long Sum(Func<CacheStatistics, long> read)
    {
        lock (_gate)
        {
            return _caches.Sum(cache => read(cache.Read()));
        }
    }
}
