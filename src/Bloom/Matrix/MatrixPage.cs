using System.Numerics;

namespace P2P.Bloom.Matrix;

/// <summary>
/// Holds the filters of many owners as rows: row r has, for each owner, bit r of its filter, 64 owners a word. One thread at a time writes; any
/// number read meanwhile, since a word changes as a whole.
/// </summary>
internal sealed class MatrixPage<TOwner>(long rows, int width)
{
    private readonly ulong[] _used = new ulong[width];

    /// <summary>The words of a row.</summary>
    public int Width { get; } = width;

    public ulong[] Words { get; } = new ulong[rows * width];

    public MatrixEntry<TOwner>?[] Entries { get; } = new MatrixEntry<TOwner>?[width * 64];

    public int Count { get; private set; }

    public bool IsFull => Count == Entries.Length;

    public static long BytesOf(long rows, int width) => rows * width * sizeof(ulong) + (long)width * 64 * IntPtr.Size;

    /// <summary>Makes a wider page with the same owners in the same columns.</summary>
    public MatrixPage<TOwner> Widen(int widerWidth)
    {
        var wider = new MatrixPage<TOwner>(rows, widerWidth) { Count = Count };
        for (var row = 0L; row < rows; row++)
        {
            Array.Copy(Words, row * Width, wider.Words, row * wider.Width, Width);
        }

        Entries.CopyTo(wider.Entries.AsSpan());
        _used.CopyTo(wider._used.AsSpan());
        return wider;
    }

    /// <summary>Takes a column that is free, and therefore all zero.</summary>
    public int Take()
    {
        var word = _used.AsSpan().IndexOfAnyExcept(ulong.MaxValue);
        var bit = BitOperations.TrailingZeroCount(~_used[word]);
        _used[word] |= 1UL << bit;
        Count++;
        return word * 64 + bit;
    }

    public void Release(int column)
    {
        _used[column >> 6] &= ~(1UL << column);
        Count--;
    }

    public void Set(long row, int column)
    {
        ref var word = ref Words[row * Width + (column >> 6)];
        Volatile.Write(ref word, word | (1UL << column));
    }

    public void Clear(long row, int column)
    {
        ref var word = ref Words[row * Width + (column >> 6)];
        var bit = 1UL << column;
        if ((word & bit) != 0)
        {
            Volatile.Write(ref word, word & ~bit);
        }
    }
}
