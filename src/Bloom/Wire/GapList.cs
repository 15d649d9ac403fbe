using System.Numerics;
using P2P.Bloom.Bits;

namespace P2P.Bloom.Wire;

/// <summary>
/// Codes ascending positions by the gaps between them, in Golomb-Rice form: one byte with the parameter r, the number of positions as a varint,
/// and for each gap g (how many positions lie between it and the one before) ⌊g / 2^r⌋ ones, a zero, and the r lowest bits of g. It comes close
/// to the entropy of a random sparse vector.
/// </summary>
internal readonly struct GapList
{
    public const int ParameterMax = 40;

    private GapList(int parameter, long count, long bits)
    {
        Parameter = parameter;
        Count = count;
        Length = 1 + Varint.LengthOf((ulong)count) + (bits + 7) / 8;
    }

    public int Parameter { get; }

    public long Count { get; }

    /// <summary>The length of the coded list in bytes.</summary>
    public long Length { get; }

    /// <summary>Finds the shortest coding of the positions of set bits.</summary>
    public static GapList Measure(ReadOnlySpan<ulong> words)
    {
        var count = BitWords.Count(words);
        var parameter = ParameterFor(count, (long)words.Length << 6);
        var (shorter, longer, previous) = (0L, 0L, -1L);
        foreach (var position in new SetBits(words))
        {
            var gap = position - previous - 1;
            shorter += gap >> parameter;
            longer += gap >> (parameter + 1);
            previous = position;
        }

        return Choose(parameter, count, shorter, longer);
    }

    /// <summary>Finds the shortest coding of positions.</summary>
    public static GapList Measure(ReadOnlySpan<long> positions)
    {
        var parameter = ParameterFor(positions.Length, positions.IsEmpty ? 1 : positions[^1] + 1);
        var (shorter, longer, previous) = (0L, 0L, -1L);
        foreach (var position in positions)
        {
            var gap = position - previous - 1;
            shorter += gap >> parameter;
            longer += gap >> (parameter + 1);
            previous = position;
        }

        return Choose(parameter, positions.Length, shorter, longer);
    }

    public int Write(ReadOnlySpan<ulong> words, Span<byte> destination)
    {
        var start = WriteStart(destination);
        var writer = new BitWriter(destination[start..]);
        var previous = -1L;
        foreach (var position in new SetBits(words))
        {
            WriteGap(ref writer, position - previous - 1);
            previous = position;
        }

        writer.Finish();
        return start + writer.BytesWritten;
    }

    public int Write(ReadOnlySpan<long> positions, Span<byte> destination)
    {
        var start = WriteStart(destination);
        var writer = new BitWriter(destination[start..]);
        var previous = -1L;
        foreach (var position in positions)
        {
            WriteGap(ref writer, position - previous - 1);
            previous = position;
        }

        writer.Finish();
        return start + writer.BytesWritten;
    }

    private static GapList Choose(int parameter, long count, long shorter, long longer)
    {
        var (bits, bitsOfNext) = (shorter + count * (1 + parameter), longer + count * (2 + parameter));
        return bits <= bitsOfNext ? new GapList(parameter, count, bits) : new GapList(parameter + 1, count, bitsOfNext);
    }

    // The best parameter is about log₂ of ln 2 times the mean gap; that or the next one is the best.
    private static int ParameterFor(long count, long length) =>
        count == 0 ? 0 : BitOperations.Log2((ulong)Math.Max(1, length / (double)count * 0.6));

    private int WriteStart(Span<byte> destination)
    {
        destination[0] = (byte)Parameter;
        return 1 + Varint.Write((ulong)Count, destination[1..]);
    }

    private void WriteGap(ref BitWriter writer, long gap)
    {
        writer.WriteOnes(gap >> Parameter);
        writer.Write(0, 1);
        writer.Write((ulong)gap & ((1UL << Parameter) - 1), Parameter);
    }
}
