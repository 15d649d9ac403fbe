namespace P2P.Pastry.Simulation;

/// <summary>
/// Orders events by when they are due, and those that are due together by when they were added. Most are due within seconds, so they lie in
/// buckets of equal width, of which only the present one is sorted: adding and taking cost the same however many are waiting.
/// </summary>
/// <remarks>
/// 1,024 near buckets of 1.6 ms make up one far bucket of 1.7 s; of those there are 1,024, half an hour's worth; what is due later lies in
/// a heap. When the time comes, a far bucket is dealt out to the near ones, and a near one is put into the heap that events are taken from.
/// </remarks>
/// <typeparam name="TEvent">What happens.</typeparam>
internal sealed class EventQueue<TEvent>
    where TEvent : struct
{
    private const int WidthBits = 14;
    private const int CountBits = 10;
    private const int BucketCount = 1 << CountBits;

    private readonly EventSlots<TEvent> _slots = new();
    private readonly EventHeap _present = new();
    private readonly EventHeap _beyond = new();
    private readonly EventBuckets _near = new(BucketCount);
    private readonly EventBuckets _far = new(BucketCount);
    private long _nearIndex;
    private long _sequence;

    public int Count { get; private set; }

    public Instant NextDue => TryAdvance() ? new Instant(_present.First.Due) : Instant.Never;

    private long FarIndex => _nearIndex >> CountBits;

    public void Add(Instant due, in TEvent item)
    {
        Count++;
        Place(new EventEntry(due.Ticks, _sequence++, _slots.Add(item)));
    }

    /// <summary>Takes the first event; there must be one.</summary>
    public TEvent Take(out Instant due)
    {
        TryAdvance();
        var first = _present.Take();
        Count--;
        due = new Instant(first.Due);
        return _slots.Take(first.Slot);
    }

    private void Place(in EventEntry entry)
    {
        var near = entry.Due >> WidthBits;
        var far = near >> CountBits;
        if (near <= _nearIndex)
        {
            _present.Add(entry);
        }
        else if (far == FarIndex)
        {
            _near.Add((int)(near & (BucketCount - 1)), entry);
        }
        else if (far - FarIndex < BucketCount)
        {
            _far.Add((int)(far & (BucketCount - 1)), entry);
        }
        else
        {
            _beyond.Add(entry);
        }
    }

    /// <summary>Makes sure that the first event lies in the present.</summary>
    private bool TryAdvance()
    {
        while (_present.Count == 0)
        {
            if (Count == 0)
            {
                return false;
            }

            var present = (int)(_nearIndex & (BucketCount - 1));
            if (_near.TryFindNext(present + 1, out var near))
            {
                _nearIndex += near - present;
                DealOut(_near, near);
            }
            else
            {
                AdvanceFar();
            }
        }

        return true;
    }

    private void AdvanceFar()
    {
        var next = long.MaxValue;
        var present = (int)(FarIndex & (BucketCount - 1));
        if (_far.TryFindNext(present + 1, out var far))
        {
            next = FarIndex + far - present;
        }
        else if (_far.TryFindNext(0, out far))
        {
            // Once around.
            next = FarIndex + far - present + BucketCount;
        }

        if (_beyond.Count > 0)
        {
            next = Math.Min(next, _beyond.First.Due >> (WidthBits + CountBits));
        }

        _nearIndex = next << CountBits;
        DealOut(_far, (int)(next & (BucketCount - 1)));
        while (_beyond.Count > 0 && (_beyond.First.Due >> (WidthBits + CountBits)) - FarIndex < BucketCount)
        {
            Place(_beyond.Take());
        }
    }

    private void DealOut(EventBuckets buckets, int index)
    {
        var events = buckets.TakeAll(index);
        foreach (ref readonly var entry in events.Span)
        {
            Place(entry);
        }

        EventBuckets.Recycle(events);
    }
}
