namespace P2P.Past;

/// <summary>Remembers, in memory, which files their owners have taken back. Not safe for concurrent use: it is used under its store's gate.</summary>
internal sealed class ReclaimBook
{
    private readonly Dictionary<FileId, ReclaimedReplica> _reclaimed = [];

    public bool Contains(FileId fileId) => _reclaimed.ContainsKey(fileId);

    public ReclaimedReplica? Find(FileId fileId) => _reclaimed.GetValueOrDefault(fileId);

    public void Add(ReclaimedReplica reclaimed) => _reclaimed.Add(reclaimed.Certificate.FileId, reclaimed);

    /// <summary>Forgets those before a time.</summary>
    /// <returns>Which ones.</returns>
    public List<FileId> Forget(DateTimeOffset before)
    {
        List<FileId> forgotten = [.. _reclaimed.Where(entry => entry.Value.ReclaimedAt < before).Select(entry => entry.Key)];
        forgotten.ForEach(fileId => _reclaimed.Remove(fileId));
        return forgotten;
    }
}
