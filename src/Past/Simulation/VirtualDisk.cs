namespace P2P.Past.Simulation;

/// <summary>
/// Is the disk of a node in a <see cref="VirtualArchive"/>: the books of a store without the bytes, about 40 bytes a replica. What a replica takes of the
/// capacity is the length of its content.
/// </summary>
public sealed class VirtualDisk : IReplicaCatalog
{
    private readonly ReplicaIndex _index = new();
    private readonly ReclaimBook _reclaimed = new();
    private readonly long _capacity;

    internal VirtualDisk(long capacity) => _capacity = capacity;

    /// <inheritdoc/>
    public ReplicaStoreUsage Usage => new(_index.Count, _capacity, _index.TotalLength);

    /// <inheritdoc/>
    public bool Contains(FileId fileId) => _index.TryGet(fileId, out _);

    /// <summary>Finds what a replica is of.</summary>
    /// <returns>False where none is stored.</returns>
    public bool TryFind(FileId fileId, out VirtualFile file) => TryFind(fileId, out file, out _);

    /// <inheritdoc/>
    public int List(KeyRange range, FileId? after, Span<StoredReplica> destination) => _index.Copy(range, after, destination);

    /// <inheritdoc/>
    public bool IsReclaimed(FileId fileId) => _reclaimed.Contains(fileId);

    /// <summary>Finds a replica, and the number of its owner.</summary>
    internal bool TryFind(FileId fileId, out VirtualFile file, out int owner)
    {
        var isFound = _index.TryGet(fileId, out var record);
        file = isFound ? new VirtualFile(fileId, record.Length, record.ReplicaCount) : default;
        owner = (int)record.Number;
        return isFound;
    }

    /// <summary>Stores a replica.</summary>
    /// <returns>False where there is no room.</returns>
    internal bool TryAdd(in VirtualFile file, int owner)
    {
        if (file.Length > Usage.FreeBytes)
        {
            return false;
        }

        _index.Add(file.FileId, new ReplicaRecord(file.Length, file.ReplicaCount, IsFile: false, owner));
        return true;
    }

    internal bool Remove(FileId fileId) => _index.Remove(fileId, out _);

    /// <summary>Finds what is remembered of a file that its owner has taken back.</summary>
    internal ReclaimedReplica? FindReclaimed(FileId fileId) => _reclaimed.Find(fileId);

    internal void Remember(ReclaimedReplica reclaimed) => _reclaimed.Add(reclaimed);

    internal void ForgetReclaimed(DateTimeOffset before) => _reclaimed.Forget(before);
}
