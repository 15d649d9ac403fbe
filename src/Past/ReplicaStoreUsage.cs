namespace P2P.Past;

/// <summary>Tells how full a replica store is.</summary>
/// <param name="Count">How many whole replicas are stored.</param>
/// <param name="CapacityBytes">How many bytes the store may use.</param>
/// <param name="UsedBytes">
/// How many bytes are used: content, certificates and hashes of all replicas, all that was reserved for those being written, and what
/// is written of interrupted ones. An empty file counts too, for its certificate.
/// </param>
public readonly record struct ReplicaStoreUsage(int Count, long CapacityBytes, long UsedBytes)
{
    /// <summary>How many bytes are left; none when the capacity was reduced below what is used.</summary>
    public long FreeBytes => Math.Max(0, CapacityBytes - UsedBytes);
}
