using P2P.Bloom;

namespace Bloom.Tests;

public sealed class SizesTests
{
    [Theory]
    [InlineData(1000, 0.01, 9586, 7)]
    [InlineData(1_000_000, 0.001, 14_377_588, 10)]
    [InlineData(1, 0.5, 2, 1)]
    public void Sizes_follow_from_capacity_and_rate(long capacity, double rate, long bits, int hashCount)
    {
        var parameters = BloomParameters.ForCapacity(capacity, rate);
        Assert.InRange(parameters.Bits, bits * 0.999 - 1, bits * 1.001 + 1);
        Assert.Equal(hashCount, parameters.HashCount);
        Assert.InRange(parameters.FalsePositiveRate(capacity), rate * 0.5, rate * 1.01);
    }

    [Fact]
    public void Foldable_sizes_are_powers_of_two() => Assert.Equal(1 << 14, BloomParameters.ForCapacity(1000, 0.01).ToFoldable().Bits);

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(-1, 0.1)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(1, -0.1)]
    [InlineData(1, double.NaN)]
    [InlineData(long.MaxValue, 0.01)]
    [InlineData(1L << 36, 0.01)]
    [InlineData(1L << 40, double.Epsilon)]
    public void Impossible_wishes_are_refused(long capacity, double rate)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => BloomParameters.ForCapacity(capacity, rate));
        Assert.Throws<ArgumentOutOfRangeException>(() => BlockedBloomFilter.ForCapacity(capacity, rate));
        Assert.Throws<ArgumentOutOfRangeException>(() => PartitionedBloomFilter.ForCapacity(capacity, rate));
    }

    [Fact]
    public void A_hasher_of_few_functions_gets_more_bits_instead()
    {
        var (filter, counting) = (BloomFilter.ForCapacity(1000, 0.01, BloomHasher.Md5), CountingBloomFilter.ForCapacity(1000, 0.01, BloomHasher.Md5));
        Assert.Equal((4, 4), (filter.HashCount, counting.HashCount));
        Assert.Equal(filter.Bits, counting.Bits);
        Assert.InRange(new BloomParameters(filter.Bits, 4).FalsePositiveRate(1000), 0.009, 0.01 * 1.01);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 65)]
    [InlineData((1L << 36) + 1, 1)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(long.MinValue, 1)]
    public void Impossible_sizes_are_refused(long bits, int hashCount)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BloomParameters(bits, hashCount));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PartitionedBloomFilter(bits, hashCount));
    }

    [Fact]
    public void All_vectors_together_keep_to_the_limit() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PartitionedBloomFilter(1L << 36, 2));

    [Fact]
    public void Counters_keep_to_the_limit() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new CountingBloomFilter(new BloomParameters(1L << 35, 1)));

    // Positions beyond what an int can name: the memory is reserved but hardly touched.
    [Fact]
    public void A_filter_of_more_than_two_to_the_31_bits_works()
    {
        var filter = new BloomFilter(new BloomParameters((1L << 32) + 7, 4));
        for (var element = 0; element < 1000; element++)
        {
            filter.Add(element);
        }

        Assert.All(Enumerable.Range(0, 1000), element => Assert.True(filter.MayContain(element)));
        Assert.DoesNotContain(Enumerable.Range(1000, 100_000), element => filter.MayContain(element));
        Assert.Contains(true, filter.Words[(1 << 25)..].Select(word => word != 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(63)]
    [InlineData(65)]
    public void Odd_sizes_work(long bits)
    {
        var filter = new PartitionedBloomFilter(bits, 64);
        filter.Add("a");
        Assert.True(filter.MayContain("a"));
        Assert.True(BloomFormat.Read<PartitionedBloomFilter>(filter.ToBytes()).MayContain("a"));
    }
}
