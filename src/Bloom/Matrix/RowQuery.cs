using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace P2P.Bloom.Matrix;

/// <summary>Intersects rows of a page.</summary>
internal static class RowQuery
{
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
