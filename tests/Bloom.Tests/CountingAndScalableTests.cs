using P2P.Bloom;

namespace Bloom.Tests;

public sealed class CountingAndScalableTests
{
    [Fact]
    public void What_was_removed_as_often_as_it_was_added_is_gone()
    {
        var filter = CountingBloomFilter.ForCapacity(1000, 0.01);
        Assert.True(filter.Add("a"));
        Assert.False(filter.Add("a"));
        Assert.True(filter.Remove("a"));
        Assert.True(filter.MayContain("a"));
        Assert.True(filter.Remove("a"));
        Assert.False(filter.MayContain("a"));
        Assert.False(filter.Remove("a"));
        Assert.Equal(0, filter.FillRatio);
    }

    [Fact]
    public void A_counter_that_is_full_stays_so()
    {
        var filter = new CountingBloomFilter(new BloomParameters(64, 2));
        for (var round = 0; round < 20; round++)
        {
            filter.Add("a");
        }

        for (var round = 0; round < 40; round++)
        {
            filter.Remove("a");
        }

        Assert.True(filter.MayContain("a"));
    }

    [Fact]
    public void United_counters_hold_what_both_hold_as_often()
    {
        var (left, right) = (CountingBloomFilter.ForCapacity(100, 0.01), CountingBloomFilter.ForCapacity(100, 0.01));
        left.Add("a");
        right.Add("a");
        right.Add("b");
        left.UnionWith(right);
        Assert.True(left.Remove("a"));
        Assert.True(left.MayContain("a"));
        Assert.True(left.MayContain("b"));
        Assert.True(left.Remove("a"));
        Assert.False(left.MayContain("a"));
    }

    [Fact]
    public void The_plain_filter_is_the_one_that_the_elements_would_have_made()
    {
        var counting = CountingBloomFilter.ForCapacity(100, 0.01);
        var plain = BloomFilter.ForCapacity(100, 0.01);
        for (var element = 0; element < 100; element++)
        {
            counting.Add(element);
            plain.Add(element);
        }

        Assert.Equal(plain.ToBytes(), counting.ToBloomFilter().ToBytes());
        Assert.Equal(plain.EstimateCount(), counting.EstimateCount(), 1e-6);
    }

    [Fact]
    public void Concurrent_adding_and_removing_leaves_what_remains()
    {
        var filter = CountingBloomFilter.ForCapacity(20_000, 0.01);
        Parallel.For(0, 4, thread =>
        {
            for (var element = thread * 1000; element < (thread + 1) * 1000; element++)
            {
                filter.Add(element);
                filter.Add(element + 1_000_000);
                filter.Remove(element + 1_000_000);
            }
        });
        var expected = CountingBloomFilter.ForCapacity(20_000, 0.01);
        for (var element = 0; element < 4000; element++)
        {
            expected.Add(element);
        }

        Assert.Equal(expected.ToBytes(), filter.ToBytes());
    }

    [Fact]
    public void A_scalable_filter_grows_by_doubling()
    {
        var filter = new ScalableBloomFilter(100, 0.01);
        for (var element = 0; element < 1400; element++)
        {
            filter.Add(element);
        }

        Assert.Equal(4, filter.SliceCount);
        var read = BloomFormat.Read<ScalableBloomFilter>(filter.ToBytes());
        for (var element = 1400; element < 4000; element++)
        {
            filter.Add(element);
            read.Add(element);
        }

        Assert.Equal(filter.ToBytes(), read.ToBytes());
        filter.Clear();
        Assert.False(filter.MayContain(1));
        Assert.Equal(1, filter.SliceCount);
    }

    [Fact]
    public void A_snapshot_stays_as_it_was()
    {
        foreach (var kind in Filters.Kinds)
        {
            var filter = Filters.With(kind, Enumerable.Range(0, 50));
            var before = filter.ToBytes();
            MembershipFilter snapshot = filter switch
            {
                BloomFilter classic => classic.Snapshot(),
                PartitionedBloomFilter partitioned => partitioned.Snapshot(),
                BloomVector vector => vector.Snapshot(),
                BlockedBloomFilter blocked => blocked.Snapshot(),
                CountingBloomFilter counting => counting.Snapshot(),
                _ => ((ScalableBloomFilter)filter).Snapshot(),
            };
            for (var element = 50; element < 500; element++)
            {
                filter.Add(element);
            }

            Assert.Equal(before, snapshot.ToBytes());
            Assert.NotEqual(before, filter.ToBytes());
        }
    }
}
