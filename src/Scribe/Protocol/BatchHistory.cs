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

    /// <summary>Keeps a batch; those that are too old for it go.</summary>
    /// <returns>False where it is older than all that may be kept, or there already.</returns>
    public bool Add(BatchMessage batch, Instant now)
    {
        var number = batch.Position.Number;
        if (number < First)
        {
            if (End - number > (ulong)countMax)
            {
                return false;
            }

            // What somebody has asked for from before.
            First = number;
        }

        var end = Math.Max(End, number + 1);
        Expire(now, end);
        EnsureCapacity(end);
        End = end;
        ref var entry = ref Place(number);
        if (entry.Batch is not null)
        {
            return false;
        }

        entry = new Entry(batch, now);
        return true;
    }

    public BatchMessage? Find(ulong number) => number >= First && number < End ? Place(number).Batch : null;

    /// <summary>Drops what has numbers from this one on: a new epoch gives them anew.</summary>
    public void Truncate(ulong from)
    {
        while (End > from && End > First)
        {
            End--;
            Place(End) = default;
        }

        if (First > from)
        {
            First = End = from;
        }
    }

    /// <summary>Finds the first number from this one on, below a limit, that is kept; the limit where none is.</summary>
    public ulong NextKept(ulong from, ulong limit)
    {
        var number = Math.Max(from, First);
        while (number < Math.Min(End, limit) && Place(number).Batch is null)
        {
            number++;
        }

        return number < Math.Min(End, limit) ? number : limit;
    }

    private ref Entry Place(ulong number) => ref _ring[number & ((ulong)_ring.Length - 1)];

    private void Expire(Instant now, ulong end)
    {
        while (First < End && (end - First > (ulong)countMax || (lifetime < TimeSpan.MaxValue && Place(First).Batch is not null && now - Place(First).At > lifetime)))
        {
            Place(First) = default;
            First++;
        }

        if (end - First > (ulong)countMax)
        {
            First = end - (ulong)countMax;
            End = Math.Max(End, First);
        }
    }

    private void EnsureCapacity(ulong end)
    {
        var needed = (int)(end - First);
        if (needed <= _ring.Length)
        {
            return;
        }

        var old = _ring;
        var grown = new Entry[Math.Max(CapacityMin, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)needed))];
        for (var number = First; number < End && old.Length > 0; number++)
        {
            grown[number & ((ulong)grown.Length - 1)] = old[number & ((ulong)old.Length - 1)];
        }

        _ring = grown;
    }

    private readonly record struct Entry(BatchMessage? Batch, Instant At);
}
