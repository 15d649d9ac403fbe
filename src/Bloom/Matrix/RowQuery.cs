using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace P2P.Bloom.Matrix;

/// <summary>Intersects rows of a page.</summary>
internal static class RowQuery
{
    private const int WordsOfCacheLine = 8;

    /// <summary>
    /// Has the processor fetch rows of a page that is asked next: each row is a miss of the cache and of the address translation, and they wait for
    /// memory together.
    /// </summary>
    public static unsafe void Prefetch<TOwner>(MatrixPage<TOwner> page, ReadOnlySpan<long> rows)
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        foreach (var row in rows)
        {
            for (var word = 0; word < page.Width; word += WordsOfCacheLine)
            {
                // If the array moves now, a useless line is fetched; nothing is read through the pointer.
                Sse.Prefetch0(Unsafe.AsPointer(ref page.Words[row * page.Width + word]));
            }
        }
    }

    /// <summary>Names the owners that have a bit in each of the rows.</summary>
    /// <param name="page">The page.</param>
    /// <param name="rows">The rows; at least one.</param>
    /// <param name="owners">Receives the owners.</param>
    public static void Find<TOwner>(MatrixPage<TOwner> page, ReadOnlySpan<long> rows, List<TOwner> owners)
    {
        var width = page.Width;
        ref var words = ref MemoryMarshal.GetArrayDataReference(page.Words);
        var word = 0;
        for (; word + Vector256<ulong>.Count <= width; word += Vector256<ulong>.Count)
        {
            var hits = Vector256.LoadUnsafe(ref words, (nuint)(rows[0] * width + word));
            foreach (var row in rows[1..])
            {
                hits &= Vector256.LoadUnsafe(ref words, (nuint)(row * width + word));
            }

            if (hits != Vector256<ulong>.Zero)
            {
                for (var lane = 0; lane < Vector256<ulong>.Count; lane++)
                {
                    Report(page, word + lane, hits[lane], owners);
                }
            }
        }

        for (; word < width; word++)
        {
            var hits = page.Words[rows[0] * width + word];
            foreach (var row in rows[1..])
            {
                hits &= page.Words[row * width + word];
            }

            Report(page, word, hits, owners);
        }
    }

    private static void Report<TOwner>(MatrixPage<TOwner> page, int word, ulong hits, List<TOwner> owners)
    {
        for (; hits != 0; hits &= hits - 1)
        {
            // An owner that is just being removed has no entry any more, though its bits may still be there.
            if (Volatile.Read(ref page.Entries[word * 64 + BitOperations.TrailingZeroCount(hits)]) is { } entry)
            {
                owners.Add(entry.Owner);
            }
        }
    }
}
