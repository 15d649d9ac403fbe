namespace P2P.Past;

/// <summary>Knows the ids of files that owners have taken back, about 40 bytes each; the rest stands in the database. Safe for concurrent use.</summary>
internal sealed class ReclaimedIds(IEnumerable<FileId> ids)
{
    private readonly Lock _gate = new();
    private readonly HashSet<FileId> _ids = [.. ids];

    public bool Contains(FileId id)
    {
        lock (_gate)
        {
            return _ids.Contains(id);
        }
    }

    public void Add(FileId id)
    {
        lock (_gate)
        {
            _ids.Add(id);
        }
    }

    public void Remove(FileId id)
    {
        lock (_gate)
        {
            _ids.Remove(id);
        }
    }
}
