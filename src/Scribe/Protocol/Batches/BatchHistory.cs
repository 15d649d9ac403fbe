using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>Keeps the last batches of a stream by their numbers, as many and as long as the group's policy says. There may be holes.</summary>
internal sealed class BatchHistory(int countMax, TimeSpan lifetime)
{
    private const int CapacityMin = 8;

    private Entry[] _ring = [];

    /// <summary>The lowest number that may be kept.</summary>
    public ulong First { get; private set; } = 1;

    /// <summary>The number after the highest one that is kept.</summary>
    public ulong End { get; private set; } = 1;

    /// <summary>Begins anew with a number.</summary>
    public void Reset(ulong first)
    {
        Array.Clear(_ring);
        First = End = first;
    }

    /// <summary>Makes room for earlier ones, as far as there may be so many.</summary>
    public void Reserve(ulong first)
    {
        First = Math.Min(First, End - Math.Min(End - Math.Min(first, End), (ulong)countMax));
        EnsureCapacity();
    }

    /// <summary>Keeps a batch; those that are too old for it go.</summary>
    /// <returns>False where it is older than all that may be kept, or there already.</returns>
    public bool Add(BatchMessage batch, Instant now)
    {
        var number = batch.Position.Number;
        var (first, end) = (Math.Min(First, number), Math.Max(End, number + 1));
        if (end - first > (ulong)countMax)
        {
            if (number < First)
            {
                return false;
            }

            first = end - (ulong)countMax;
        }

        while (First < Math.Min(first, End))
        {
            Remove(First++);
        }

        (First, End) = (first, end);
        EnsureCapacity();
        Expire(now);
        if (number < First || Find(number) is not null)
        {
            return false;
        }

        Place(number) = new Entry(batch, now - batch.Age);
        return true;
    }

    public BatchMessage? Find(ulong number) =>
        number >= First && number < End && _ring.Length > 0 && Place(number).Batch is { } batch && batch.Position.Number == number ? batch : null;

    /// <summary>Finds the batch with the highest number that is kept.</summary>
    public BatchMessage? FindLast()
    {
        for (var number = End; number > First; number--)
        {
            if (Find(number - 1) is { } last)
            {
                return last;
            }
        }

        return null;
    }

    /// <summary>How long ago a batch was published that is kept, nearly.</summary>
    public TimeSpan AgeOf(ulong number, Instant now) => Find(number) is null ? TimeSpan.Zero : now - Place(number).At;

    /// <summary>Finds the first batch that was published since then.</summary>
    /// <param name="since">When that was.</param>
    /// <param name="isCertain">Whether an older one is kept as well: else there may have been others before.</param>
    public ulong FirstSince(Instant since, out bool isCertain)
    {
        var first = End;
        for (var number = End; number > First; number--)
        {
            if (Find(number - 1) is not null)
            {
                if (Place(number - 1).At < since)
                {
                    isCertain = true;
                    return first;
                }

                first = number - 1;
            }
        }

        isCertain = false;
        return first;
    }

    /// <summary>Drops what has numbers from this one on: a new epoch gives them anew.</summary>
    public void Truncate(ulong from)
    {
        while (End > Math.Max(from, First))
        {
            Remove(End - 1);
            End--;
        }

        if (First > from)
        {
            First = End = from;
        }
    }

    /// <summary>Finds the first number from this one on, below a limit, that is kept; the limit where none is.</summary>
    public ulong NextKept(ulong from, ulong limit)
    {
        for (var number = Math.Max(from, First); number < Math.Min(End, limit); number++)
        {
            if (Find(number) is not null)
            {
                return number;
            }
        }

        return limit;
    }

    private ref Entry Place(ulong number) => ref _ring[number & ((ulong)_ring.Length - 1)];

    private void Remove(ulong number)
    {
        if (Find(number) is not null)
        {
            Place(number) = default;
        }
    }

    private void Expire(Instant now)
    {
        while (First < End && Find(First) is not null && now - Place(First).At > lifetime)
        {
            Remove(First++);
        }
    }

    private void EnsureCapacity()
    {
        var needed = (int)(End - First);
        if (needed <= _ring.Length)
        {
            return;
        }

        var old = _ring;
        _ring = new Entry[Math.Max(CapacityMin, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)needed))];
        foreach (var entry in old)
        {
            if (entry.Batch is { } batch)
            {
                Place(batch.Position.Number) = entry;
            }
        }
    }

    private readonly record struct Entry(BatchMessage? Batch, Instant At);
}
