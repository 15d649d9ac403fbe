namespace P2P.Past.Protocol;

/// <summary>
/// Shows the machine what its node holds; and no room at all once the node retires. Then it is an access point that still has some replicas, and maintenance hands those
/// to who should hold them in its place.
/// </summary>
internal sealed class RetirableCatalog(IReplicaCatalog store) : IReplicaCatalog
{
    private bool _isRetired;

    public ReplicaStoreUsage Usage => _isRetired ? store.Usage with { CapacityBytes = 0 } : store.Usage;

    public bool Contains(FileId fileId) => store.Contains(fileId);

    public int List(KeyRange range, FileId? after, Span<StoredReplica> destination) => store.List(range, after, destination);

    public bool IsReclaimed(FileId fileId) => store.IsReclaimed(fileId);

    public void Retire() => _isRetired = true;
}
