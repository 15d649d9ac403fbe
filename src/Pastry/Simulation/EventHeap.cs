namespace P2P.Pastry.Simulation;

/// <summary>Is a 4-ary heap of entries, the first due on top.</summary>
internal sealed class EventHeap
{
    private const int Arity = 4;

    private EventEntry[] _entries = new EventEntry[64];

    public int Count { get; private set; }

    public ref readonly EventEntry First => ref _entries[0];

    public void Add(in EventEntry entry)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        SiftUp(Count++, entry);
    }

    public EventEntry Take()
    {
        var first = _entries[0];
        Count--;
        if (Count > 0)
        {
            SiftDown(_entries[Count]);
        }

        return first;
    }

    private void SiftUp(int index, in EventEntry entry)
    {
        while (index > 0)
        {
            var parent = (index - 1) / Arity;
            if (!entry.IsBefore(_entries[parent]))
            {
                break;
            }

            _entries[index] = _entries[parent];
            index = parent;
        }

        _entries[index] = entry;
    }

    private void SiftDown(EventEntry entry)
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
                if (_entries[other].IsBefore(_entries[least]))
                {
                    least = other;
                }
            }

            if (!_entries[least].IsBefore(entry))
            {
                break;
            }

            _entries[index] = _entries[least];
            index = least;
        }

        _entries[index] = entry;
    }
}
