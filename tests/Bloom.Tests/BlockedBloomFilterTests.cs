using P2P.Bloom;
using P2P.Bloom.Bits;

namespace Bloom.Tests;

/// <summary>The layout of Apache Parquet's BloomFilter.md.</summary>
public sealed class BlockedBloomFilterTests
{
    // Written by parquet-mr under Spark for a column of strings a0 … a9, as Arrow's and parquet2's tests have it.
    [Fact]
    public void Bytes_for_texts_are_those_that_Parquet_writes()
    {
        byte[] written =
        [
            200, 1, 80, 20, 64, 68, 8, 109, 6, 37, 4, 67, 144, 80, 96, 32, 8, 132, 43, 33, 0, 5, 99, 65, 2, 0, 224, 44, 64, 78, 96, 4,
        ];
        var filter = new BlockedBloomFilter(blockCount: 1);
        for (var index = 0; index < 10; index++)
        {
            filter.Add($"a{index}");
        }

        Assert.Equal(written, filter.ToParquet());
        var read = BlockedBloomFilter.FromParquet(written);
        Assert.All(Enumerable.Range(0, 10), index => Assert.True(read.MayContain($"a{index}")));
    }

    // The same for a column of INT64, 0 … 9.
    [Fact]
    public void Bytes_for_numbers_are_those_that_Parquet_writes()
    {
        byte[] written =
        [
            24, 130, 24, 8, 134, 8, 68, 6, 2, 101, 128, 10, 64, 2, 38, 78, 114, 1, 64, 38, 1, 192, 194, 152, 64, 70, 0, 36, 56, 121, 64, 0,
        ];
        var filter = new BlockedBloomFilter(blockCount: 1);
        for (var number = 0L; number < 10; number++)
        {
            filter.Add(number);
        }

        Assert.Equal(written, filter.ToParquet());
        Assert.False(BlockedBloomFilter.FromParquet(written).MayContain(10L));
    }

    [Fact]
    public void Blocks_and_bits_are_chosen_as_the_specification_says()
    {
        uint[] salts = [0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31];
        foreach (var blocks in (int[])[1, 2, 3, 37, 64, 1000])
        {
            var random = new Random(blocks);
            var expected = new uint[blocks * 8];
            var filter = new BlockedBloomFilter(blocks);
            for (var round = 0; round < 100; round++)
            {
                var hash = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
                filter.Add(BloomHash.FromUInt64(hash));
                var block = (int)((hash >> 32) * (ulong)blocks >> 32);
                for (var word = 0; word < 8; word++)
                {
                    expected[block * 8 + word] |= 1u << (int)((uint)hash * salts[word] >> 27);
                }
            }

            Assert.Equal(expected.SelectMany(BitConverter.GetBytes), filter.ToParquet());
        }
    }

    [SkippableByHardwareFact]
    public void With_vectors_and_without_the_outcome_is_the_same()
    {
        const int Blocks = 64;
        var random = new Random(1);
        var (portable, accelerated) = (new ulong[Blocks * SplitBlock.Words], new ulong[Blocks * SplitBlock.Words]);
        for (var round = 0; round < 20_000; round++)
        {
            var hash = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
            var start = SplitBlock.Start(hash, Blocks);
            Assert.Equal(SplitBlock.MayContainPortable(portable, start, (uint)hash), SplitBlock.MayContainAvx2(accelerated, start, (uint)hash));
            if (round % 8 == 0)
            {
                var changed = SplitBlock.AddUnsharedPortable(portable, start, (uint)hash);
                Assert.Equal(changed, SplitBlock.AddUnsharedAvx2(accelerated, start, (uint)hash));
            }
        }

        Assert.Equal(portable, accelerated);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_bitset_consists_of_whole_blocks(int length) =>
        Assert.Throws<ArgumentException>(() => BlockedBloomFilter.FromParquet(new byte[length]));

    /// <summary>Runs where the processor has AVX2; the portable way is tested by all others.</summary>
    private sealed class SkippableByHardwareFactAttribute : FactAttribute
    {
        public SkippableByHardwareFactAttribute()
        {
            if (!SplitBlock.IsAccelerated)
            {
                Skip = "The processor has no AVX2.";
            }
        }
    }
}
