using P2P.Past.Protocol;

namespace P2P.Past;

/// <summary>Reads what one node holds and has counted.</summary>
internal sealed class PastReadings(IReplicaStore replicas, CacheCounters? cache, Func<RepairProgress> repairs)
{
    public PastReading Read() => new(replicas.Usage, repairs(), cache?.Read() ?? default);
}

/// <summary>Is what was read at one moment.</summary>
internal readonly record struct PastReading(ReplicaStoreUsage Usage, RepairProgress Repairs, CacheStatistics Cache)
{
    /// <summary>Adds what another one has counted; what it holds goes with it.</summary>
    public PastReading PlusCountsOf(PastReading other) => this with
    {
        Repairs = Repairs with
        {
            ReplicasGiven = Repairs.ReplicasGiven + other.Repairs.ReplicasGiven,
            BytesGiven = Repairs.BytesGiven + other.Repairs.BytesGiven,
            WithoutRoom = Repairs.WithoutRoom + other.Repairs.WithoutRoom,
        },
        Cache = Cache.Plus(other.Cache),
    };
}
