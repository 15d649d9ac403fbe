using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using P2P.Bloom;
using P2P.Bloom.Hashing;
using P2P.Bloom.Wire;
using Pastry.Tests;

namespace Bloom.Tests.Wire;

public sealed class BloomFormatTests
{
    public static TheoryData<string> Kinds => [.. Filters.Kinds];

    [Fact]
    public void Bytes_of_every_kind_are_as_approved()
    {
        var text = new StringBuilder();
        foreach (var kind in Filters.Kinds)
        {
            Append(text, $"{kind}, empty", Filters.Make(kind).ToBytes());
            Append(text, $"{kind}, of 0, 1, 2", Filters.With(kind, [0, 1, 2]).ToBytes());
        }

        var (none, some, others) = (new BloomFilter(new(64, 3)), new BloomFilter(new(64, 3)), new BloomFilter(new(64, 3)));
        some.Add("foo");
        some.Add("bar");
        others.Add("baz");
        Append(text, "m = 64, k = 3, foo and bar", some.ToBytes());
        Append(text, "the delta from nothing to that", some.DeltaSince(none).ToBytes());
        Append(text, "the delta from that to baz", others.DeltaSince(some).ToBytes());
        Append(text, "seeded with 42", new BloomFilter(new(64, 3), BloomHasher.Seeded(42)).ToBytes());
        Append(text, "keyed with 00 07 0e …", new BloomFilter(new(64, 3), BloomHasher.Keyed(Filters.Key)).ToBytes());
        Append(text, "MD5", new BloomFilter(new(64, 3), BloomHasher.Md5).ToBytes());
        Approve.Text(text.ToString());
    }

    [Fact]
    public void Sparse_filters_are_short_and_full_ones_raw()
    {
        var filter = new PartitionedBloomFilter(1 << 16, 3);
        Assert.InRange(filter.ToBytes().Length, 32, 40);
        for (var element = 0; element < 100; element++)
        {
            filter.Add(element);
        }

        // 300 bits of 196,608: the entropy is 3,250 bits.
        Assert.InRange(filter.ToBytes().Length, 3250 / 8, 3250 / 8 + 60);
        for (var element = 0; element < 60_000; element++)
        {
            filter.Add(element);
        }

        Assert.Equal(32 + 3 * (1 << 13), filter.ToBytes().Length);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_buffer_receives_the_same_bytes(string kind)
    {
        var filter = Filters.With(kind, Enumerable.Range(0, 30));
        var buffer = new ArrayBufferWriter<byte>();
        filter.WriteTo(buffer);
        Assert.Equal(filter.ToBytes(), buffer.WrittenSpan);
    }

    [Fact]
    public void A_filter_of_another_kind_is_no_filter_of_this_one()
    {
        var bytes = new BlockedBloomFilter(1).ToBytes();
        Assert.Throws<BloomFormatException>(() => BloomFormat.Read<BloomFilter>(bytes));
        Assert.False(BloomFormat.TryRead<BloomFilter>(bytes, out _));
        Assert.True(BloomFormat.TryRead<MembershipFilter>(bytes, out var any));
        Assert.IsType<BlockedBloomFilter>(any);
        Assert.Throws<BloomFormatException>(() => BloomFormat.ReadDelta(bytes));
    }

    [Fact]
    public void Whoever_expects_another_hasher_gets_no_filter()
    {
        var keyed = new BloomFilter(new(64, 3), BloomHasher.Keyed(Filters.Key)).ToBytes();
        Assert.False(BloomFormat.TryRead<BloomFilter>(keyed, out _));
        Assert.False(BloomFormat.TryRead<BloomFilter>(keyed, out _, BloomHasher.Keyed(new byte[16])));
        Assert.False(BloomFormat.TryRead<BloomFilter>(keyed, out _, BloomHasher.Default));
        Assert.True(BloomFormat.TryRead<BloomFilter>(keyed, out _, BloomHasher.Keyed(Filters.Key)));
        Assert.True(BloomFormat.TryRead<BloomFilter>(new BloomFilter(new(64, 3), BloomHasher.Seeded(7)).ToBytes(), out var seeded));
        Assert.Equal(BloomHasher.Seeded(7), seeded.Hasher);
    }

    [Theory]
    [InlineData(16, 0)]
    [InlineData(16, long.MaxValue)]
    [InlineData(16, 1L << 36)]
    [InlineData(16, -1)]
    [InlineData(16, 1L << 33)]
    public void Sizes_that_the_input_does_not_justify_are_refused_before_memory_is_taken(int offset, long bits)
    {
        foreach (var kind in Filters.Kinds)
        {
            var bytes = Filters.Make(kind).ToBytes();
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(offset), bits);
            Seal(bytes);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.False(BloomFormat.TryRead<MembershipFilter>(bytes, out _));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 70_000);
        }
    }

    // 8 MiB without a single bit: as long as the rule for readers wants it, and no longer.
    [Fact]
    public void Large_sparse_filters_come_in_as_many_bytes_as_justify_them()
    {
        var filter = new BloomFilter(new(1L << 26, 3));
        filter.Add("a");
        var bytes = filter.ToBytes();
        Assert.Equal((1 << 23) / 256, bytes.Length);
        Assert.True(BloomFormat.Read<BloomFilter>(bytes).MayContain("a"));
        Assert.False(BloomFormat.TryRead<BloomFilter>(Seal([.. bytes.AsSpan(0, bytes.Length - 100)]), out _));
    }

    // Four functions fill little of a vector: filters of 25 to 140 KB, of a few dozen bits each.
    [Fact]
    public void A_series_of_sparse_filters_is_read_again_whatever_its_length()
    {
        var filter = new ScalableBloomFilter(4, 1e-16, BloomHasher.Md5);
        for (var element = 0; element < 40; element++)
        {
            filter.Add(element);
            var bytes = filter.ToBytes();
            var read = BloomFormat.Read<ScalableBloomFilter>(bytes);
            Assert.True(read.MayContain(element));
            Assert.Equal(bytes, read.ToBytes());
        }
    }

    // The first filter is raw, and the others are coded by gaps: what the raw one takes counts as well.
    [Fact]
    public void Filters_of_a_series_take_no_more_memory_together_than_the_input_justifies()
    {
        const int Count = 10;
        var series = new ScalableSeries(10_000, 0.01, HashCountMax: 64);
        BloomFilter[] filters = [.. Enumerable.Range(0, Count).Select(index => new BloomFilter(series.ParametersOf(index)!.Value))];
        byte[] raw = [.. filters[0].ToBytes().AsSpan(0, 24), .. new byte[filters[0].MemoryBytes + 8]];
        raw[7] = 0;
        Seal(raw);
        var memory = filters.Sum(filter => filter.MemoryBytes);
        Assert.False(BloomFormat.TryRead<ScalableBloomFilter>(Write((memory - filters[0].MemoryBytes / 2) / 256), out _));
        Assert.True(BloomFormat.TryRead<ScalableBloomFilter>(Write(memory / 256 + 1), out _));

        // Empty filters take a header, two bytes and a checksum; the last one has as many zeros as the length wants.
        byte[] Write(long length)
        {
            List<byte> bytes = [.. new ScalableBloomFilter(10_000, 0.01).ToBytes().AsSpan(0, 32), Count];
            for (var index = 0; index < Count; index++)
            {
                var zeros = index == Count - 1 ? length - bytes.Count - 12 - 34 - 8 : 0;
                byte[] filter = index == 0 ? raw : Seal([.. filters[index].ToBytes().AsSpan(0, 26), .. new byte[zeros + 8]]);
                bytes.AddRange([.. new byte[8], .. BitConverter.GetBytes(filter.Length), .. filter]);
            }

            return Seal([.. bytes, .. new byte[8]]);
        }
    }

    [Fact]
    public void What_a_series_says_about_itself_is_refused_whatever_number_of_functions_a_hasher_supplies()
    {
        foreach (var hashCountMax in (int[])[-1, 0, 1, 64, 1000])
        {
            var bytes = new ScalableBloomFilter(10, 0.9, new AnyNumber(1)).ToBytes();
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(24), 1e-30);
            Assert.False(BloomFormat.TryRead<ScalableBloomFilter>(Seal(bytes), out _, new AnyNumber(hashCountMax)));
        }

        var many = new ScalableBloomFilter(10, 1e-30, new AnyNumber(1000));
        many.Add("a");
        Assert.True(BloomFormat.Read<ScalableBloomFilter>(many.ToBytes(), many.Hasher).MayContain("a"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScalableBloomFilter(10, 0.01, new AnyNumber(0)));
    }

    [Fact]
    public void Who_lacks_the_hasher_learns_which_one_it_is()
    {
        var keyed = new BloomFilter(new(64, 3), BloomHasher.Keyed(Filters.Key)).ToBytes();
        var refusal = Assert.Throws<BloomFormatException>(() => BloomFormat.Read<BloomFilter>(keyed));
        Assert.Contains(nameof(BloomHashAlgorithm.SipHash128), refusal.Message);
        refusal = Assert.Throws<BloomFormatException>(() => BloomFormat.Read<BloomFilter>(keyed, BloomHasher.Default));
        Assert.Contains(nameof(BloomHashAlgorithm.Xxh64), refusal.Message);
        Assert.Contains(nameof(BloomHashAlgorithm.SipHash128), refusal.Message);
    }

    [Fact]
    public void Bits_beyond_the_end_are_refused()
    {
        var bytes = new BloomFilter(new(65, 1)).ToBytes();
        byte[] raw = [.. bytes.AsSpan(0, 24), .. new byte[24]];
        raw[7] = 0;
        Assert.True(BloomFormat.TryRead<BloomFilter>(Seal(raw), out _));
        raw[24 + 8] = 2;
        Assert.False(BloomFormat.TryRead<BloomFilter>(Seal(raw), out _));
    }

    [Fact]
    public void A_damaged_byte_anywhere_is_noticed()
    {
        var bytes = Filters.With("blocked", Enumerable.Range(0, 100)).ToBytes();
        for (var index = 0; index < bytes.Length; index++)
        {
            bytes[index] ^= 4;
            Assert.False(BloomFormat.TryRead<MembershipFilter>(bytes, out _), $"The byte at {index} was changed.");
            bytes[index] ^= 4;
        }
    }

    private static byte[] Seal(byte[] bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(bytes.Length - 8), Xxh64.Hash(bytes.AsSpan(0, bytes.Length - 8), 0));
        return bytes;
    }

    private sealed class AnyNumber(int hashCountMax) : BloomHasher("any number")
    {
        public override int HashCountMax => hashCountMax;

        public override BloomHash Hash(ReadOnlySpan<byte> element) => Default.Hash(element);
    }

    private static void Append(StringBuilder text, string title, byte[] bytes)
    {
        text.AppendLine(title);
        foreach (var line in bytes.Chunk(16))
        {
            text.Append("    ").AppendLine(string.Join(' ', line.Select(value => value.ToString("x2"))));
        }
    }
}
