using System.Buffers.Binary;
using P2P.Bloom;
using P2P.Bloom.Hashing;

namespace Bloom.Tests.Wire;

/// <summary>
/// Reads mutated filters and deltas. Most get a right checksum again, so that what lies behind it is reached. With P2P_LONG=1 it takes ten million
/// inputs instead of 200,000.
/// </summary>
public sealed class FuzzTests
{
    private static readonly int Inputs = Environment.GetEnvironmentVariable("P2P_LONG") == "1" ? 10_000_000 : 200_000;

    [Fact]
    public void Mutated_inputs_are_read_or_refused_and_nothing_else()
    {
        const int Seed = 20_261;
        var seeds = Seeds();
        var (read, refused) = (0, 0);
        Parallel.For(0, 2, half =>
        {
            var random = new Random(Seed + half);
            for (var count = Inputs / 2; count > 0; count--)
            {
                var input = Mutate(seeds[random.Next(seeds.Length)], seeds[random.Next(seeds.Length)], random);
                var before = GC.GetAllocatedBytesForCurrentThread();
                var isRead = TryRead(input);
                var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                if (allocated > Math.Max(256 * input.Length, 1 << 16) + 4096)
                {
                    Assert.Fail($"{allocated} bytes for {Convert.ToHexString(input)}");
                }

                Interlocked.Increment(ref isRead ? ref read : ref refused);
            }
        });
        Assert.Equal(Inputs, read + refused);

        // Both ends of the reader were visited.
        Assert.True(read > Inputs / 100);
        Assert.True(refused > Inputs / 4);
    }

    [Fact]
    public void Refusals_that_are_thrown_are_the_documented_exception()
    {
        var random = new Random(3);
        var seeds = Seeds();
        for (var count = 0; count < 5000; count++)
        {
            var input = Mutate(seeds[random.Next(seeds.Length)], seeds[random.Next(seeds.Length)], random);
            var filter = Record.Exception(() => BloomFormat.Read<MembershipFilter>(input));
            var delta = Record.Exception(() => BloomFormat.ReadDelta(input));
            Assert.True(filter is null or BloomFormatException, $"{filter}");
            Assert.True(delta is null or BloomFormatException, $"{delta}");
        }
    }

    /// <summary>Reads, and does with what was read whatever one does.</summary>
    private static bool TryRead(byte[] input)
    {
        var isDelta = BloomFormat.TryReadDelta(input, out var delta);
        return BloomFormat.TryRead<MembershipFilter>(input, out var filter) ? filter.MayContain(1) | true : isDelta && delta!.ChangeCount >= 0;
    }

    private static byte[] Mutate(byte[] seed, byte[] other, Random random)
    {
        byte[] input = random.Next(8) switch
        {
            0 => [.. seed.AsSpan(0, random.Next(seed.Length))],
            1 => [.. seed.AsSpan(0, random.Next(seed.Length)), .. other.AsSpan(random.Next(other.Length))],
            2 => [.. seed, .. new byte[random.Next(40)]],
            _ => [.. seed],
        };
        for (var count = random.Next(5); count > 0 && input.Length > 0; count--)
        {
            // Headers deserve more than their share.
            var index = random.Next(3) == 0 ? random.Next(Math.Min(40, input.Length)) : random.Next(input.Length);
            input[index] = random.Next(4) switch
            {
                0 => (byte)(input[index] ^ (1 << random.Next(8))),
                1 => (byte)(input[index] + random.Next(-2, 3)),
                2 => random.Next(2) == 0 ? (byte)0 : (byte)255,
                _ => (byte)random.Next(256),
            };
        }

        if (random.Next(10) != 0)
        {
            Seal(input);
        }

        return input;
    }

    /// <summary>Makes the checksum right, and those of the filters within a scalable one.</summary>
    private static void Seal(Span<byte> input)
    {
        if (input.Length < 8)
        {
            return;
        }

        for (var start = 33; input[3] == 6 && start + 12 <= input.Length;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(input[(start + 8)..]);
            start += 12;
            if (length < 8 || length > input.Length - start)
            {
                break;
            }

            Seal(input.Slice(start, length));
            start += length;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(input[^8..], Xxh64.Hash(input[..^8], 0));
    }

    private static byte[][] Seeds()
    {
        List<byte[]> seeds = [];
        foreach (var kind in Filters.Kinds)
        {
            seeds.Add(Filters.Make(kind).ToBytes());
            seeds.Add(Filters.With(kind, Enumerable.Range(0, 20)).ToBytes());
        }

        var (older, newer) = (new PartitionedBloomFilter(100, 3), new PartitionedBloomFilter(100, 3));
        older.Add("a");
        newer.Add("b");
        seeds.Add(newer.DeltaSince(older).ToBytes());
        seeds.Add(new BloomFilter(new(20, 2), BloomHasher.Md5).ToBytes());
        seeds.Add(new BlockedBloomFilter(1, BloomHasher.Seeded(3)).ToBytes());
        return [.. seeds];
    }
}
