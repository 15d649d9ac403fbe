namespace P2P.Past.Protocol;

/// <summary>
/// Shows the machine what its node holds; and no room at all once the node retires. Then it is an access point that still has some replicas, and maintenance hands those
/// to who should hold them in its place.
/// </summary>
internal sealed class RetirableCatalog(IReplicaCatalog store) : IReplicaCatalog
{
    public bool IsRetired { get; private set; }

    public ReplicaStoreUsage Usage => IsRetired ? store.Usage with { CapacityBytes = 0 } : store.Usage;

    public bool Contains(FileId fileId) => store.Contains(fileId);

    public int List(KeyRange range, FileId? after, Span<StoredReplica> destination) => store.List(range, after, destination);

    public bool IsReclaimed(FileId fileId) => store.IsReclaimed(fileId);

    public void Retire() => IsRetired = true;
}
