using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>Is what one node lacks: the replicas that wait for their turn, the most urgent first, and those on their way.</summary>
internal sealed class RepairLine(NodeHandle to)
{
    private readonly PriorityQueue<FileId, (int Replicas, long Number)> _order = new();
    private readonly Dictionary<FileId, Instant> _waiting = [];
    private readonly Dictionary<FileId, (Instant Due, long? Length)> _underWay = [];

    public NodeHandle To { get; } = to;

    public int WaitingCount => _waiting.Count;

    public int UnderWayCount => _underWay.Count;

    public bool IsWaiting(FileId file) => _waiting.ContainsKey(file);

    /// <summary>Tells whether a replica waits or is on its way.</summary>
    public bool Lacks(FileId file) => _waiting.ContainsKey(file) || _underWay.ContainsKey(file);

    /// <summary>Lets a replica wait; false where it does, or is on its way.</summary>
    public bool TryAdd(FileId file, Instant due) => !_underWay.ContainsKey(file) && _waiting.TryAdd(file, due);

    /// <summary>Gives a waiting replica its rank. An earlier one counts on, where it is better.</summary>
    public void Rank(FileId file, int replicas, long number) => _order.Enqueue(file, (replicas, number));

    /// <summary>Finds the most urgent replica that waits, and drops those that have waited for too long.</summary>
    public bool TryPeek(Instant now, Action<FileId> dropped, out FileId file, out (int Replicas, long Number) rank)
    {
        while (_order.TryPeek(out file, out rank))
        {
            if (_waiting.TryGetValue(file, out var due) && due > now)
            {
                return true;
            }

            _order.Dequeue();
            if (_waiting.Remove(file))
            {
                dropped(file);
            }
        }

        return false;
    }

    public void Take(FileId file)
    {
        _order.Dequeue();
        _waiting.Remove(file);
    }

    public void Send(FileId file, Instant due) => _underWay.Add(file, (due, null));

    /// <summary>Notes that the content of a replica on its way has been read.</summary>
    /// <returns>False where it is not on its way, or has been noted before.</returns>
    public bool TryBegin(FileId file, long? length)
    {
        if (!_underWay.TryGetValue(file, out var sent) || sent.Length is not null)
        {
            return false;
        }

        _underWay[file] = sent with { Length = length };
        return true;
    }

    public bool IsUnderWay(FileId file, Instant due) => _underWay.TryGetValue(file, out var sent) && sent.Due == due;

    /// <summary>Gives the length of a replica on its way; null where there is none, or it is yet to be read.</summary>
    public long? LengthOf(FileId file) => _underWay.TryGetValue(file, out var sent) ? sent.Length : null;

    public void End(FileId file) => _underWay.Remove(file);
}
