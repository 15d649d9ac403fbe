using P2P.Past;

namespace Past.Tests.Cache;

/// <summary>GreedyDual-Size as the paper words it: what is evicted is subtracted from all others.</summary>
internal sealed class NaiveGreedyDualSize : ICachePolicy
{
    private readonly Dictionary<FileId, (decimal Worth, long Length, int Turn)> _copies = [];
    private int _turn;

    public void Admitted(FileId fileId, long length) => _copies.Add(fileId, (1m / length, length, _turn++));

    public void Hit(FileId fileId)
    {
        if (_copies.TryGetValue(fileId, out var copy))
        {
            _copies[fileId] = (1m / copy.Length, copy.Length, _turn++);
        }
    }

    public void Removed(FileId fileId) => _copies.Remove(fileId);

    public bool TryEvict(out FileId fileId)
    {
        fileId = _copies.OrderBy(copy => copy.Value.Worth).ThenBy(copy => copy.Value.Turn).Select(copy => copy.Key).FirstOrDefault();
        if (!_copies.Remove(fileId, out var evicted))
        {
            return false;
        }

        foreach (var (id, copy) in _copies.ToArray())
        {
            _copies[id] = copy with { Worth = copy.Worth - evicted.Worth };
        }

        return true;
    }
}

internal sealed class NaiveLeastRecentlyUsed : ICachePolicy
{
    private readonly List<FileId> _order = [];

    public void Admitted(FileId fileId, long length) => _order.Add(fileId);

    public void Hit(FileId fileId)
    {
        if (_order.Remove(fileId))
        {
            _order.Add(fileId);
        }
    }

    public void Removed(FileId fileId) => _order.Remove(fileId);

    public bool TryEvict(out FileId fileId)
    {
        fileId = _order.FirstOrDefault();
        return _order.Remove(fileId);
    }
}
