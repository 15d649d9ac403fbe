namespace P2P.Pastry.Simulation;

/// <summary>
/// Orders events by when they are due, and those that are due together by when they were added. A 4-ary heap of small entries, with the
/// events themselves in slots, so that moving an entry moves 24 bytes.
/// </summary>
/// <typeparam name="TEvent">What happens.</typeparam>
internal sealed class EventQueue<TEvent>
    where TEvent : struct
{
    private const int Arity = 4;

    private Entry[] _heap = new Entry[64];
    private TEvent[] _slots = new TEvent[64];
    private int[] _freeSlots = new int[64];
    private int _freeCount;
    private int _usedSlots;
    private long _sequence;

    public int Count { get; private set; }

    public Instant NextDue => Count > 0 ? new Instant(_heap[0].Due) : Instant.Never;

    public void Add(Instant due, in TEvent item)
    {
        var slot = TakeSlot();
        _slots[slot] = item;
        if (Count == _heap.Length)
        {
            Array.Resize(ref _heap, Count * 2);
        }

        SiftUp(Count++, new Entry(due.Ticks, _sequence++, slot));
    }

    public TEvent Take(out Instant due)
    {
        var first = _heap[0];
        due = new Instant(first.Due);
        var item = _slots[first.Slot];
        _slots[first.Slot] = default;
        _freeSlots[_freeCount++] = first.Slot;
        Count--;
        if (Count > 0)
        {
            SiftDown(_heap[Count]);
        }

        return item;
    }

    private int TakeSlot()
    {
        if (_freeCount > 0)
        {
            return _freeSlots[--_freeCount];
        }

        if (_usedSlots == _slots.Length)
        {
            Array.Resize(ref _slots, _usedSlots * 2);
            Array.Resize(ref _freeSlots, _usedSlots * 2);
        }

        return _usedSlots++;
    }

    private void SiftUp(int index, Entry entry)
    {
        while (index > 0)
        {
            var parent = (index - 1) / Arity;
            if (!entry.IsBefore(_heap[parent]))
            {
                break;
            }

            _heap[index] = _heap[parent];
            index = parent;
        }

        _heap[index] = entry;
    }

    private void SiftDown(Entry entry)
    {
        var index = 0;
        while (true)
        {
            var child = index * Arity + 1;
            if (child >= Count)
            {
                break;
            }

            var least = child;
            var end = Math.Min(child + Arity, Count);
            for (var other = child + 1; other < end; other++)
            {
                if (_heap[other].IsBefore(_heap[least]))
                {
                    least = other;
                }
            }

            if (!_heap[least].IsBefore(entry))
            {
                break;
            }

            _heap[index] = _heap[least];
            index = least;
        }

        _heap[index] = entry;
    }

    private readonly record struct Entry(long Due, long Sequence, int Slot)
    {
        public bool IsBefore(in Entry other) => Due < other.Due || (Due == other.Due && Sequence < other.Sequence);
    }
}
