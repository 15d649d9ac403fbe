using System.Buffers.Binary;
using P2P.Bloom;

namespace QuickStart.Sets;

/// <summary>
/// Brings two sets to the same elements. Neither side sends its list: each sends a filter of it, and gets back what that certainly lacks. A filter takes some elements
/// for its own that it does not hold; the next round has another seed, hence other mistakes, and finds those.
/// </summary>
/// <param name="carryToLeft">Carries bytes from the right side to the left, and gives what has come there.</param>
/// <param name="carryToRight">Carries bytes from the left side to the right.</param>
internal sealed class Reconciliation(Func<byte[], Task<ReadOnlyMemory<byte>>> carryToLeft, Func<byte[], Task<ReadOnlyMemory<byte>>> carryToRight)
{
    private const double FalsePositiveRate = 0.01;

    /// <summary>The bytes that have travelled.</summary>
    public long Bytes { get; private set; }

    public int Rounds { get; private set; }

    public async Task RunAsync(HashSet<UInt128> left, HashSet<UInt128> right)
    {
        do
        {
            Rounds++;
            var (atRight, atLeft) = (await CarryAsync(carryToRight, Summarize(left)), await CarryAsync(carryToLeft, Summarize(right)));
            var (forLeft, forRight) = (MissingIn(atRight, right), MissingIn(atLeft, left));
            left.UnionWith(Read(await CarryAsync(carryToLeft, forLeft)));
            right.UnionWith(Read(await CarryAsync(carryToRight, forRight)));
        }
        while (!(await CarryAsync(carryToLeft, Digest(right))).Span.SequenceEqual(Digest(left)));
    }

    private async Task<ReadOnlyMemory<byte>> CarryAsync(Func<byte[], Task<ReadOnlyMemory<byte>>> carry, byte[] bytes)
    {
        Bytes += bytes.Length;
        return await carry(bytes);
    }

    private byte[] Summarize(HashSet<UInt128> elements)
    {
        var filter = BloomFilter.ForCapacity(Math.Max(1, elements.Count), FalsePositiveRate, BloomHasher.Seeded((ulong)Rounds));
        foreach (var element in elements)
        {
            filter.Add(element);
        }

        return filter.ToBytes();
    }

    private static byte[] MissingIn(ReadOnlyMemory<byte> summary, HashSet<UInt128> elements)
    {
        var filter = BloomFormat.Read<BloomFilter>(summary.Span);
        UInt128[] missing = [.. elements.Where(element => !filter.MayContain(element))];
        var bytes = new byte[missing.Length * ChunkSet.NameLength];
        for (var i = 0; i < missing.Length; i++)
        {
            BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(i * ChunkSet.NameLength), missing[i]);
        }

        return bytes;
    }

    private static IEnumerable<UInt128> Read(ReadOnlyMemory<byte> names)
    {
        for (var i = 0; i + ChunkSet.NameLength <= names.Length; i += ChunkSet.NameLength)
        {
            yield return BinaryPrimitives.ReadUInt128BigEndian(names.Span[i..]);
        }
    }

    /// <summary>Equal sets have equal digests, in whatever order: 16 bytes tell whether another round is needed.</summary>
    private static byte[] Digest(HashSet<UInt128> elements)
    {
        var sum = elements.Aggregate(UInt128.Zero, static (sum, element) => unchecked(sum + element));
        var bytes = new byte[ChunkSet.NameLength];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, sum);
        return bytes;
    }
}
