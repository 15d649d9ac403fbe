using P2P.Bloom;
using P2P.Bloom.Bits;

namespace Bloom.Tests;

/// <summary>
/// Measures rates of false positives, with fixed seeds, beside theory. Several filters together are asked so often that three standard deviations of
/// what is counted are less than the tenth that is allowed.
/// </summary>
public sealed class FalsePositiveRateTests
{
    private const double Rate = 0.01;
    private const int ProbesMin = 1_000_000;

    public static TheoryData<string, int> Cases =>
        Filters.Pairs<string, int>(["classic", "partitioned", "blocked", "counting"], [100, 1000, 10_000, 100_000, 1_000_000]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_measured_rate_is_within_a_tenth_of_theory(string kind, int count)
    {
        var filters = Math.Max(1, 20_000 / count);
        var probes = Math.Max(ProbesMin / filters, 10_000);
        var (hits, expected, estimated) = (0L, 0.0, 0.0);
        for (var seed = 1UL; seed <= (ulong)filters; seed++)
        {
            var (filter, theory) = Make(kind, count, BloomHasher.Seeded(seed));
            for (var element = 0L; element < count; element++)
            {
                filter.AddUnshared(filter.Hasher.Hash(element));
            }

            for (var element = -1L; element >= -probes; element--)
            {
                hits += filter.MayContain(element) ? 1 : 0;
            }

            expected += theory;
            estimated += filter.EstimateFalsePositiveRate();
            Assert.InRange(filter.EstimateCount(), count * 0.9 - 5, count * 1.1 + 5);
        }

        var measured = hits / ((double)filters * probes);
        Assert.InRange(measured / (expected / filters), 0.9, 1.1);
        Assert.InRange(measured / (estimated / filters), 0.9, 1.1);
    }

    [Theory]
    [InlineData(100, 50_000)]
    [InlineData(10_000, 300_000)]
    public void A_scalable_filter_stays_below_its_rate_however_it_grows(int initialCapacity, int count)
    {
        var filter = new ScalableBloomFilter(initialCapacity, Rate);
        for (var element = 0L; element < count; element++)
        {
            filter.Add(element);
        }

        var hits = 0;
        for (var element = -1L; element >= -ProbesMin; element--)
        {
            hits += filter.MayContain(element) ? 1 : 0;
        }

        Assert.InRange(hits / (double)ProbesMin, 0.001, Rate);
        Assert.InRange(filter.EstimateCount() / count, 0.95, 1.05);
        Assert.InRange(hits / (double)ProbesMin / filter.EstimateFalsePositiveRate(), 0.9, 1.1);
    }

    [Theory]
    [InlineData(10, 0.01)]
    [InlineData(10, 1e-5)]
    [InlineData(100, 1e-5)]
    [InlineData(1000, 1e-9)]
    public void A_scalable_filter_stays_below_its_rate_while_it_is_small(int initialCapacity, double rate)
    {
        for (var seed = 1UL; seed <= 10; seed++)
        {
            var filter = new ScalableBloomFilter(initialCapacity, rate, BloomHasher.Seeded(seed));
            for (var element = 0; element < 3000; element++)
            {
                filter.Add(element);
                if (element % 10 == 0)
                {
                    Assert.InRange(filter.EstimateFalsePositiveRate(), 0, rate);
                }
            }
        }
    }

    // The simulated table for three vectors of 64 Kbit: 10,000 terms 0.29%, 20,000 1.8%, 50,000 15%.
    [Theory]
    [InlineData(10_000, 0.0029)]
    [InlineData(20_000, 0.018)]
    [InlineData(50_000, 0.15)]
    public void Three_vectors_of_64_Kbit_have_the_known_rates(int count, double expected)
    {
        var filter = new PartitionedBloomFilter(1 << 16, 3);
        for (var element = 0; element < count; element++)
        {
            filter.Add($"term {element}");
        }

        var hits = Enumerable.Range(0, ProbesMin).Count(element => filter.MayContain(element));
        Assert.InRange(hits / (double)ProbesMin / expected, 0.9, 1.1);
    }

    [Theory]
    [InlineData(0.1, 6.0)]
    [InlineData(0.01, 10.5)]
    [InlineData(0.001, 16.9)]
    [InlineData(0.0001, 26.4)]
    [InlineData(0.00001, 41)]
    public void Split_blocks_take_the_bits_that_Parquet_states(double rate, double bitsPerElement)
    {
        var filter = BlockedBloomFilter.ForCapacity(1_000_000, rate);
        Assert.InRange(filter.Bits / 1e6, bitsPerElement - 0.06, bitsPerElement + 0.3);
    }

    private static (MembershipFilter Filter, double Theory) Make(string kind, int count, BloomHasher hasher)
    {
        var parameters = BloomParameters.ForCapacity(count, Rate);
        switch (kind)
        {
            case "classic":
                return (new BloomFilter(parameters, hasher), parameters.FalsePositiveRate(count));
            case "counting":
                return (new CountingBloomFilter(parameters, hasher), parameters.FalsePositiveRate(count));
            case "partitioned":
                var partitioned = PartitionedBloomFilter.ForCapacity(count, Rate, 4, hasher);
                return (partitioned, Math.Pow(1 - Math.Pow(1 - 1.0 / partitioned.Bits, count), 4));
            default:
                var blocked = BlockedBloomFilter.ForCapacity(count, Rate, hasher: hasher);
                return (blocked, SplitBlockTheory.FalsePositiveRate((double)count / blocked.BlockCount));
        }
    }
}
