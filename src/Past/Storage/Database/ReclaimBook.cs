namespace P2P.Past;

/// <summary>Remembers, in memory, which files their owners have taken back. Not safe for concurrent use: it is used under its store's gate.</summary>
internal sealed class ReclaimBook(int max = int.MaxValue)
{
    private readonly Dictionary<FileId, ReclaimedReplica> _reclaimed = [];
    private readonly ReclaimedIds _ids = new(max);

    public bool Contains(FileId fileId) => _reclaimed.ContainsKey(fileId);

    public ReclaimedReplica? Find(FileId fileId) => _reclaimed.GetValueOrDefault(fileId);

    /// <summary>Remembers a file, and forgets others where there are too many.</summary>
    /// <returns>False where nothing may give way to it.</returns>
    public bool Add(ReclaimedReplica reclaimed)
    {
        if (_ids.TryAdd(reclaimed.Certificate, reclaimed.FreedBytes is not null) is not { } addition)
        {
            return false;
        }

        _ids.Confirm(addition);
        foreach (var forgotten in addition.Forgotten)
        {
            _reclaimed.Remove(forgotten);
        }

        _reclaimed.Add(reclaimed.Certificate.FileId, reclaimed);
        return true;
    }

    /// <summary>Forgets those before a time.</summary>
    /// <returns>Which ones.</returns>
    public List<FileId> Forget(DateTimeOffset before)
    {
        List<FileId> forgotten = [.. _reclaimed.Where(entry => entry.Value.ReclaimedAt < before).Select(entry => entry.Key)];
        foreach (var fileId in forgotten)
        {
            _reclaimed.Remove(fileId);
            _ids.Remove(fileId);
        }

        return forgotten;
    }
}
