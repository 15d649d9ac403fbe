using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace P2P.Pastry.Simulation;

/// <summary>Keeps entries unsorted, in buckets of which it knows which ones hold any.</summary>
internal sealed class EventBuckets(int count)
{
    private readonly EventEntry[]?[] _buckets = new EventEntry[count][];
    private readonly int[] _counts = new int[count];
    private readonly ulong[] _used = new ulong[count / 64];

    public void Add(int index, in EventEntry entry)
    {
        ref var bucket = ref _buckets[index];
        ref var used = ref _counts[index];
        if (bucket is null)
        {
            bucket = ArrayPool<EventEntry>.Shared.Rent(16);
            _used[index / 64] |= 1UL << (index % 64);
        }
        else if (used == bucket.Length)
        {
            var larger = ArrayPool<EventEntry>.Shared.Rent(used * 2);
            bucket.AsSpan().CopyTo(larger);
            ArrayPool<EventEntry>.Shared.Return(bucket);
            bucket = larger;
        }

        bucket[used++] = entry;
    }

    /// <summary>Finds the first bucket from an index on that holds anything.</summary>
    public bool TryFindNext(int from, out int index)
    {
        for (var word = from / 64; word < _used.Length; word++)
        {
            var bits = _used[word];
            if (word == from / 64)
            {
                bits &= ulong.MaxValue << (from % 64);
            }

            if (bits != 0)
            {
                index = (word * 64) + BitOperations.TrailingZeroCount(bits);
                return true;
            }
        }

        index = -1;
        return false;
    }

    /// <summary>Empties a bucket; what was in it is the caller's until <see cref="Recycle"/>.</summary>
    public Memory<EventEntry> TakeAll(int index)
    {
        var taken = _buckets[index].AsMemory(0, _counts[index]);
        _buckets[index] = null;
        _counts[index] = 0;
        _used[index / 64] &= ~(1UL << (index % 64));
        return taken;
    }

    public static void Recycle(Memory<EventEntry> taken)
    {
        if (MemoryMarshal.TryGetArray<EventEntry>(taken, out var segment) && segment.Array!.Length > 0)
        {
            ArrayPool<EventEntry>.Shared.Return(segment.Array);
        }
    }
}
