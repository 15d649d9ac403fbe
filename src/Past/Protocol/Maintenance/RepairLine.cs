using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>Is what one node lacks: the replicas that wait for their turn, the most urgent first, and those on their way.</summary>
internal sealed class RepairLine(NodeHandle to)
{
    private readonly PriorityQueue<FileId, (int Replicas, long Number)> _order = new();
    private readonly Dictionary<FileId, Instant> _waiting = [];
    private readonly Dictionary<FileId, Delivery> _underWay = [];

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

    /// <summary>Lists the replicas that wait, in any order.</summary>
    public FileId[] Waiting() => [.. _waiting.Keys];

    /// <summary>Lists the replicas on their way, in any order.</summary>
    public Delivery[] UnderWay() => [.. _underWay.Values];

    /// <summary>Finds a replica on its way.</summary>
    public Delivery? Find(FileId file) => _underWay.GetValueOrDefault(file);

    public void Send(Delivery delivery) => _underWay.Add(delivery.FileId, delivery);

    public void End(FileId file) => _underWay.Remove(file);

    /// <summary>Is a replica on its way. The one that should have arrived first goes before the others.</summary>
    public sealed class Delivery(RepairLine line, FileId file, Instant due, long number) : RemovableHeap<Delivery>.Entry
    {
        private readonly long _number = number;

        public RepairLine Line { get; } = line;

        public FileId FileId { get; } = file;

        /// <summary>When it should have been read, and from then on, when it should have arrived.</summary>
        public Instant Due { get; set; } = due;

        /// <summary>The length of the content in bytes; null where it is yet to be read.</summary>
        public long? Length { get; set; }

        public override bool GoesBefore(Delivery other) => Due < other.Due || (Due == other.Due && _number < other._number);
    }
}
