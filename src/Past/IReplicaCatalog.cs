namespace P2P.Past;

/// <summary>
/// Tells from memory which replicas a node holds. It is what the protocol asks of a <see cref="IReplicaStore"/> within its own step, where nothing may
/// wait for a disk.
/// </summary>
public interface IReplicaCatalog
{
    /// <summary>Tells how full the store is at this moment.</summary>
    ReplicaStoreUsage Usage { get; }

    /// <summary>Tells whether a whole replica is stored. Answers from memory.</summary>
    bool Contains(FileId fileId);

    /// <summary>
    /// Lists stored replicas whose routing keys lie in an interval of the ring, in the order of the ring from the interval's first key.
    /// Answers from memory; the caller goes on from the last id that it got, and replicas that come and go meanwhile disturb nothing else.
    /// </summary>
    /// <param name="range">The interval.</param>
    /// <param name="after">The id to go on after, which need not be stored any more; null starts at the beginning.</param>
    /// <param name="destination">Takes the replicas; its length is the size of a page.</param>
    /// <returns>How many were written; fewer than there is room for at the interval's end.</returns>
    int List(KeyRange range, FileId? after, Span<StoredReplica> destination);

    /// <summary>Tells whether the file's owner has taken it back here. Answers from memory.</summary>
    bool IsReclaimed(FileId fileId);
}
