using P2P.Bloom;

namespace Bloom.Tests;

/// <summary>
/// The example of the slides: m = 24, k = 3, where the hash functions give foo → 2, 9, 17; bar → 0, 17, 21; baz → 0, 8, 5.
/// </summary>
public sealed class SlidesTests
{
    private static readonly BloomParameters Parameters = new(bits: 24, hashCount: 3);

    [Fact]
    public void After_foo_and_bar_were_inserted_foo_is_found_and_baz_is_not()
    {
        var filter = new BloomFilter(Parameters, new FunctionsOfTheSlides());
        Assert.True(filter.Add("foo"));
        Assert.Equal([2, 9, 17], SetBitsOf(filter));
        Assert.True(filter.Add("bar"));
        Assert.Equal([0, 2, 9, 17, 21], SetBitsOf(filter));
        Assert.True(filter.MayContain("foo"));
        Assert.True(filter.MayContain("bar"));
        Assert.False(filter.MayContain("baz"));
    }

    [Fact]
    public void The_same_holds_with_a_vector_for_each_function()
    {
        var filter = new PartitionedBloomFilter(bits: 24, hashCount: 3, new FunctionsOfTheSlides());
        filter.Add("foo");
        filter.Add("bar");
        Assert.True(filter.MayContain("foo"));
        Assert.True(filter.MayContain("bar"));
        Assert.False(filter.MayContain("baz"));

        // Bit 0 is set in the first vector, by bar; 8 in no second and 5 in no third one.
        Assert.Equal([true, false, false], Enumerable.Range(0, 3).Select(index => filter.Vector(index).MayContain("baz")));
    }

    [Fact]
    public void The_same_holds_with_counters_from_which_bar_is_removed()
    {
        var filter = new CountingBloomFilter(Parameters, new FunctionsOfTheSlides());
        filter.Add("foo");
        filter.Add("bar");
        Assert.False(filter.Remove("baz"));
        Assert.True(filter.Remove("bar"));
        Assert.True(filter.MayContain("foo"));
        Assert.False(filter.MayContain("bar"));
    }

    [Fact]
    public void A_function_that_points_beyond_the_vector_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => new BloomFilter(new BloomParameters(10, 3), new FunctionsOfTheSlides()).Add("foo"));

    private static IEnumerable<int> SetBitsOf(BloomFilter filter) =>
        Enumerable.Range(0, 24).Where(bit => (filter.Words[0] >> bit & 1) != 0);

    private sealed class FunctionsOfTheSlides() : BloomHasher("slides", locates: true)
    {
        public override BloomHash Hash(ReadOnlySpan<byte> element) =>
            element.SequenceEqual("foo"u8) ? Pack(2, 9, 17)
            : element.SequenceEqual("bar"u8) ? Pack(0, 17, 21)
            : element.SequenceEqual("baz"u8) ? Pack(0, 8, 5)
            : throw new ArgumentException("The slides show three words.", nameof(element));

        public override void Locate(BloomHash hash, long length, Span<long> positions)
        {
            for (var index = 0; index < positions.Length; index++)
            {
                positions[index] = (byte)(hash.Low >> (8 * index));
            }
        }

        private static BloomHash Pack(ulong first, ulong second, ulong third) => new(first | second << 8 | third << 16, High: 0);
    }
}
