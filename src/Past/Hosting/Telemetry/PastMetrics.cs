using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace P2P.Past;

/// <summary>
/// Reports what a process's nodes hold, give, cache and are asked for, through one meter. What a node holds is read when somebody collects it, and is the sum over all
/// nodes; counts keep those of nodes that have stopped.
/// </summary>
internal sealed class PastMetrics
{
    private static readonly ConditionalWeakTable<Meter, PastMetrics> OfMeters = [];
    private static readonly Meter ProcessMeter = new(PastTelemetry.MeterName);

    private readonly Lock _gate = new();
    private readonly List<PastReadings> _nodes = [];
    private readonly Counter<long> _inserts;
    private readonly Counter<long> _lookups;
    private readonly Counter<long> _reclaims;
    private PastReading _ofStopped;

    private PastMetrics(Meter meter)
    {
        Show("replicas", "{replica}", "Replicas that are held.", node => node.Usage.Count);
        Show("used_bytes", "By", "Bytes that replicas take, those being written included.", node => node.Usage.UsedBytes);
        Show("capacity_bytes", "By", "Bytes that replicas may take.", node => node.Usage.CapacityBytes);
        Show("repairs_waiting", "{replica}", "Replicas that others are known to lack and that wait for their turn.", node => node.Repairs.Waiting);
        Show("repairs_under_way", "{replica}", "Replicas on their way to others that lack them.", node => node.Repairs.UnderWay);
        Count("repairs_given", "{replica}", "Replicas that others lacked and have got.", node => node.Repairs.ReplicasGiven);
        Count("repair_bytes_given", "By", "Content of these.", node => node.Repairs.BytesGiven);
        Count("repairs_without_room", "{replica}", "Replicas that nobody had room for, each time that it was tried.", node => node.Repairs.WithoutRoom);
        Count("cache_hits", "{lookup}", "Lookups answered with a cached copy.", node => node.Cache.Hits);
        Count("cache_hit_bytes", "By", "Content of the files that were given from caches.", node => node.Cache.HitBytes);
        Count("cache_misses", "{search}", "Searches for files that went on, since neither a replica nor a copy was there.", node => node.Cache.Misses);
        Count("cache_insertions", "{copy}", "Copies that were cached.", node => node.Cache.Insertions);
        Count("cache_evictions", "{copy}", "Copies that went for want of room.", node => node.Cache.Evictions);
        Show("cache_copies", "{copy}", "Copies that are cached.", node => node.Cache.Count);
        Show("cache_bytes", "By", "Bytes that cached copies take.", node => node.Cache.UsedBytes);
        _inserts = meter.CreateCounter<long>(PastTelemetry.Prefix + "inserts", "{insert}", "Inserts of this node's users, by how they ended.");
        _lookups = meter.CreateCounter<long>(PastTelemetry.Prefix + "lookups", "{lookup}", "Lookups of this node's users, by how they ended.");
        _reclaims = meter.CreateCounter<long>(PastTelemetry.Prefix + "reclaims", "{reclaim}", "Files that this node's users took back, by how that ended.");

        void Count(string name, string unit, string description, Func<PastReading, long> read) =>
            meter.CreateObservableCounter(PastTelemetry.Prefix + name, () => Sum(read, withStopped: true), unit, description);

        void Show(string name, string unit, string description, Func<PastReading, long> read) =>
            meter.CreateObservableUpDownCounter(PastTelemetry.Prefix + name, () => Sum(read, withStopped: false), unit, description);
    }

    /// <summary>Gives the metrics of a factory's meter, or those of the process.</summary>
    public static PastMetrics Of(IMeterFactory? factory) =>
        OfMeters.GetValue(factory?.Create(new MeterOptions(PastTelemetry.MeterName)) ?? ProcessMeter, meter => new PastMetrics(meter));

    public void Add(PastReadings node)
    {
        lock (_gate)
        {
            _nodes.Add(node);
        }
    }

    /// <summary>Takes a node out that is about to stop; what it has counted stays.</summary>
    public void Remove(PastReadings node)
    {
        lock (_gate)
        {
            if (_nodes.Remove(node))
            {
                _ofStopped = _ofStopped.PlusCountsOf(node.Read());
            }
        }
    }

    public ValueTask<InsertResult> CountAsync(Func<ValueTask<InsertResult>> insert) => CountAsync("insert", _inserts, insert, result => result switch
    {
        InsertResult.Stored => "stored",
        InsertResult.Refused { Reason: StoreRefusal.NoRoom } => "no_room",
        InsertResult.Refused => "refused",
        InsertResult.QuotaExceeded => "quota_exceeded",
        InsertResult.QuotaUnavailable => "quota_unavailable",
        _ => "indeterminate",
    });

    public ValueTask<LookupResult> CountAsync(Func<ValueTask<LookupResult>> lookup) => CountAsync("lookup", _lookups, lookup, result => result switch
    {
        LookupResult.Found => "found",
        LookupResult.NotFound => "not_found",
        _ => "unreachable",
    });

    public ValueTask<ReclaimResult> CountAsync(Func<ValueTask<ReclaimResult>> reclaim) => CountAsync("reclaim", _reclaims, reclaim, result => result switch
    {
        ReclaimResult.Reclaimed => "reclaimed",
        ReclaimResult.NotFound => "not_found",
        ReclaimResult.NotOwner => "not_owner",
        _ => "indeterminate",
    });

    /// <summary>Does what a user asks for under a span, and counts how it ended; also where that is by an exception.</summary>
    private static async ValueTask<T> CountAsync<T>(string act, Counter<long> counter, Func<ValueTask<T>> operate, Func<T, string> outcomeOf)
    {
        using var span = PastTelemetry.Begin(act);
        var outcome = "failed";
        try
        {
            var result = await operate().ConfigureAwait(false);
            outcome = outcomeOf(result);
            return result;
        }
        catch (OperationCanceledException)
        {
            outcome = "cancelled";
            throw;
        }
        catch (Exception exception)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            throw;
        }
        finally
        {
            span?.SetTag(PastTelemetry.Prefix + "outcome", outcome);
            counter.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }

    private long Sum(Func<PastReading, long> read, bool withStopped)
    {
        lock (_gate)
        {
            return _nodes.Sum(node => read(node.Read())) + (withStopped ? read(_ofStopped) : 0);
        }
    }
}
