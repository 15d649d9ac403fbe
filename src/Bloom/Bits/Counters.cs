namespace P2P.Bloom.Bits;

/// <summary>Works on counters of four bits, sixteen in a word, that stick at 15.</summary>
internal static class Counters
{
    private const ulong Max = 15;

    public static int ShiftOf(long position) => (int)(position & 15) << 2;

    public static ulong Read(ulong word, long position) => (word >> ShiftOf(position)) & Max;

    /// <summary>Counts up, whatever other threads do; gives the count before.</summary>
    public static ulong Increment(ref ulong word, long position) => Change(ref word, position, end: Max, 1UL << ShiftOf(position));

    /// <summary>Counts down, whatever other threads do, but neither below zero nor from 15.</summary>
    public static void Decrement(ref ulong word, long position) => Change(ref word, position, end: 0, 0UL - (1UL << ShiftOf(position)));

    /// <summary>Adds sixteen counters to sixteen others.</summary>
    public static ulong Sum(ulong left, ulong right)
    {
        var sum = 0UL;
        for (var position = 0; position < 16; position++)
        {
            sum |= Math.Min(Read(left, position) + Read(right, position), Max) << ShiftOf(position);
        }

        return sum;
    }

    private static ulong Change(ref ulong word, long position, ulong end, ulong difference)
    {
        var before = Volatile.Read(ref word);
        while (true)
        {
            var count = Read(before, position);
            if (count == end || count == Max)
            {
                return count;
            }

            var seen = Interlocked.CompareExchange(ref word, before + difference, before);
            if (seen == before)
            {
                return count;
            }

            before = seen;
        }
    }
}
