using P2P.Bloom;

namespace Consumer.Filters;

public sealed class TravellingFilterTests
{
    [Fact]
    public void A_filter_travels_as_bytes_and_later_only_what_has_changed()
    {
        var mine = BlockedBloomFilter.ForCapacity(1000, falsePositiveRate: 0.01);
        mine.Add("pear");
        Assert.True(BloomFormat.TryRead<BlockedBloomFilter>(mine.ToBytes(), out var theirs));
        Assert.True(theirs.MayContain("pear"));
        Assert.False(theirs.MayContain("medlar"));

        var before = mine.Snapshot();
        mine.Add("medlar");
        Assert.True(theirs.TryApply(BloomFormat.ReadDelta(mine.DeltaSince(before).ToBytes())));
        Assert.True(theirs.MayContain("medlar"));
    }

    [Fact]
    public void What_is_no_filter_is_refused() => Assert.False(BloomFormat.TryRead<BloomFilter>("no filter"u8, out _));

    [Fact]
    public void A_matrix_tells_whose_filters_have_all_of_some_words()
    {
        var matrix = new BloomFilterMatrix<string>(new() { HashCount = 3 });
        foreach (var (owner, words) in (ReadOnlySpan<(string, string[])>)[("alice", ["peer", "filter"]), ("bob", ["peer"])])
        {
            var summary = PartitionedBloomFilter.ForCapacity(100, falsePositiveRate: 0.001, hashCount: 3);
            Array.ForEach(words, word => summary.Add(word));
            Assert.True(matrix.TrySet(owner, summary));
        }

        Assert.Equal(["alice"], matrix.Find("peer", "filter"));
    }
}
