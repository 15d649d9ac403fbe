using P2P.Bloom;

namespace Bloom.Tests;

/// <summary>Filters of equal and of different sizes: compared, combined, folded, brought up to date.</summary>
public sealed class CombinationTests
{
    public static TheoryData<long, long> Foldings => new()
    {
        { 4096, 64 }, { 4096, 2048 }, { 4096, 1 }, { 6144, 2048 }, { 6144, 96 }, { 3000, 1500 }, { 3000, 100 }, { 999, 333 }, { 130, 65 },
    };

    [Theory]
    [MemberData(nameof(Foldings))]
    public void A_folded_filter_is_the_one_that_its_elements_would_have_filled(long bits, long folded)
    {
        var (large, small) = (new BloomFilter(new BloomParameters(bits, 3)), new BloomFilter(new BloomParameters(folded, 3)));
        var (largeParts, smallParts) = (new PartitionedBloomFilter(bits, 3), new PartitionedBloomFilter(folded, 3));
        for (var element = 0; element < 100; element++)
        {
            large.Add(element);
            small.Add(element);
            largeParts.Add(element);
            smallParts.Add(element);
        }

        Assert.Equal(small.ToBytes(), large.Fold(folded).ToBytes());
        Assert.Equal(smallParts.ToBytes(), largeParts.Fold(folded).ToBytes());
        Assert.Equal(smallParts.Vector(2).ToBytes(), largeParts.Vector(2).Fold(folded).ToBytes());
    }

    [Fact]
    public void Blocks_and_counters_fold_too()
    {
        var (large, small) = (new BlockedBloomFilter(64), new BlockedBloomFilter(16));
        var (largeCounters, smallCounters) = (new CountingBloomFilter(new BloomParameters(4096, 3)), new CountingBloomFilter(new BloomParameters(512, 3)));
        for (var element = 0; element < 200; element++)
        {
            large.Add(element);
            small.Add(element);
            largeCounters.Add(element);
            smallCounters.Add(element);
        }

        Assert.Equal(small.ToBytes(), large.Fold(small.Bits).ToBytes());
        Assert.Equal(smallCounters.ToBytes(), largeCounters.Fold(512).ToBytes());
    }

    [Fact]
    public void What_does_not_fold_says_so()
    {
        Assert.Throws<ArgumentException>(() => new BloomFilter(new BloomParameters(100, 3)).Fold(30));
        Assert.Throws<ArgumentException>(() => new BloomFilter(new BloomParameters(100, 3)).Fold(0));
        Assert.Throws<ArgumentException>(() => new BloomFilter(new BloomParameters(100, 3), BloomHasher.Md5).Fold(50));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BlockedBloomFilter(4).Fold(128));
    }

    [Fact]
    public void Filters_of_different_sizes_compare_and_combine()
    {
        var (large, small) = (new BloomFilter(new BloomParameters(1 << 16, 5)), new BloomFilter(new BloomParameters(1 << 13, 5)));
        for (var element = 0; element < 1000; element++)
        {
            large.Add(element);
            small.Add(element + 600);
        }

        Assert.True(small.IsCompatibleWith(large));
        Assert.InRange(large.EstimateUnionCount(small), 1500, 1700);
        Assert.InRange(small.EstimateCommonCount(large), 300, 500);
        Assert.False(small.MayBeSubsetOf(large));
        small.UnionWith(large);
        Assert.True(large.MayBeSubsetOf(small));
        Assert.All(Enumerable.Range(0, 1600), element => Assert.True(small.MayContain(element)));
        Assert.Throws<ArgumentException>(() => large.UnionWith(small));
    }

    [Fact]
    public void Filters_that_differ_in_hasher_or_functions_do_not_combine()
    {
        var filter = new BloomFilter(new BloomParameters(100, 3));
        Assert.Throws<ArgumentException>(() => filter.UnionWith(new BloomFilter(new BloomParameters(100, 3), BloomHasher.Seeded(1))));
        Assert.Throws<ArgumentException>(() => filter.UnionWith(new BloomFilter(new BloomParameters(100, 4))));
        Assert.Throws<ArgumentException>(() => filter.IntersectWith(new BloomFilter(new BloomParameters(150, 3))));
        Assert.Throws<ArgumentException>(() => filter.MayBeSubsetOf(new BloomFilter(new BloomParameters(150, 3))));
        Assert.Throws<ArgumentException>(() => filter.DeltaSince(new BloomFilter(new BloomParameters(50, 3))));
    }

    [Fact]
    public void Filters_whose_hasher_locates_combine_if_their_lengths_are_equal()
    {
        var filter = new BloomFilter(new BloomParameters(1000, 3), BloomHasher.Md5);
        Assert.True(filter.IsCompatibleWith(new BloomFilter(new BloomParameters(1000, 3), BloomHasher.Md5)));
        Assert.False(filter.IsCompatibleWith(new BloomFilter(new BloomParameters(2000, 3), BloomHasher.Md5)));
        Assert.Throws<ArgumentException>("other", () => filter.UnionWith(new BloomFilter(new BloomParameters(2000, 3), BloomHasher.Md5)));
        Assert.True(new BlockedBloomFilter(4, BloomHasher.Md5).IsCompatibleWith(new BlockedBloomFilter(8, BloomHasher.Md5)));
    }

    [Fact]
    public void Who_unites_a_longer_filter_with_a_shorter_one_learns_that_it_folds()
    {
        var (large, small) = (new BloomFilter(new BloomParameters(200, 3)), new BloomFilter(new BloomParameters(100, 3)));
        var refusal = Assert.Throws<ArgumentException>("other", () => large.UnionWith(small));
        Assert.Contains("fold", refusal.Message);
        large.Fold(small.Bits).UnionWith(small);
    }

    [Fact]
    public void One_long_vector_among_short_ones_takes_no_memory_for_a_long_filter()
    {
        const int Vectors = 8, Bits = 1 << 20;
        var (longer, shorter) = (new PartitionedBloomFilter(Bits, Vectors).Vector(0), new PartitionedBloomFilter(64, Vectors));
        BloomVector[] vectors = [longer, .. Enumerable.Range(1, Vectors - 1).Select(shorter.Vector)];
        BloomVector[] twice = [.. Enumerable.Repeat(longer, Vectors)];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ArgumentException>("vectors", () => PartitionedBloomFilter.FromVectors(vectors));
        Assert.Throws<ArgumentException>("vectors", () => PartitionedBloomFilter.FromVectors(twice));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Bits / 8);
    }

    [Fact]
    public void Vectors_travel_alone_and_come_together_again()
    {
        var filter = new PartitionedBloomFilter(1 << 10, 3, BloomHasher.Seeded(5));
        for (var element = 0; element < 300; element++)
        {
            filter.Add(element);
        }

        BloomVector[] vectors = [.. Enumerable.Range(0, 3).Select(index => BloomFormat.Read<BloomVector>(filter.Vector(index).ToBytes()))];
        Assert.Equal(filter.ToBytes(), PartitionedBloomFilter.FromVectors(vectors[2], vectors[0], vectors[1]).ToBytes());
        Assert.All(Enumerable.Range(0, 2000), element =>
            Assert.Equal(filter.MayContain(element), vectors.All(vector => vector.MayContain(element))));
        Assert.Throws<ArgumentException>(() => PartitionedBloomFilter.FromVectors(vectors[0], vectors[1]));
        Assert.Throws<ArgumentException>(() => PartitionedBloomFilter.FromVectors(vectors[0], vectors[1], vectors[1]));
    }

    [Fact]
    public void A_delta_applies_to_the_version_that_it_begins_at_and_to_no_other()
    {
        var filter = new PartitionedBloomFilter(1 << 16, 3);
        for (var element = 0; element < 5000; element++)
        {
            filter.Add(element);
        }

        var (older, other) = (filter.Snapshot(), filter.Snapshot());
        other.Add("something else");
        for (var element = 5000; element < 5100; element++)
        {
            filter.Add(element);
        }

        var delta = filter.DeltaSince(older);
        Assert.InRange(delta.ToBytes().Length, 300, 600);
        Assert.InRange(delta.ChangeCount, 250, 300);
        Assert.False(other.TryApply(delta));
        Assert.True(older.TryApply(delta));
        Assert.Equal(filter.ToBytes(), older.ToBytes());
        Assert.True(older.TryApply(delta), "A delta that arrives twice does no harm.");
        Assert.Equal(filter.ToBytes(), older.ToBytes());
        Assert.True(older.TryApply(older.DeltaSince(older)));
    }

    [Fact]
    public void A_delta_that_does_not_lead_where_it_says_changes_nothing()
    {
        var (older, newer) = (new BloomFilter(new BloomParameters(1000, 3)), new BloomFilter(new BloomParameters(1000, 3)));
        newer.Add("a");
        var honest = newer.DeltaSince(older);
        var lie = new BloomDelta(honest.Shape, honest.BaseFingerprint, honest.ResultFingerprint, [1], []);
        Assert.False(older.TryApply(lie));
        Assert.Equal(0, older.FillRatio);
    }

    [Fact]
    public void Estimates_know_the_empty_and_the_full_filter()
    {
        var filter = new BloomFilter(new BloomParameters(64, 2));
        Assert.Equal((0, 0), (filter.EstimateCount(), filter.EstimateFalsePositiveRate()));
        for (var element = 0; element < 2000; element++)
        {
            filter.Add(element);
        }

        Assert.Equal((double.PositiveInfinity, 1), (filter.EstimateCount(), filter.EstimateFalsePositiveRate()));
        filter.Clear();
        Assert.Equal(0, filter.FillRatio);
    }
}
