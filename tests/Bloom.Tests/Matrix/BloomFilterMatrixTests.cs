using P2P.Bloom;

namespace Bloom.Tests.Matrix;

public sealed class BloomFilterMatrixTests
{
    private static readonly long[] Sizes = [64, 1 << 9, 1 << 12, 1 << 14];

    [Fact]
    public void Owners_found_are_those_whose_filters_say_so()
    {
        var matrix = new BloomFilterMatrix<int>(new() { BitsMax = 1 << 14 });
        var filters = new Dictionary<int, PartitionedBloomFilter>();
        var random = new Random(1);
        for (var step = 0; step < 3000; step++)
        {
            var owner = random.Next(400);
            switch (random.Next(4))
            {
                case 0:
                    Assert.Equal(filters.Remove(owner), matrix.Remove(owner));
                    break;
                case 1 when filters.TryGetValue(owner, out var older):
                    var newer = NewFilter(random, older.Bits);
                    Assert.True(matrix.TryApply(owner, BloomFormat.ReadDelta(newer.DeltaSince(older).ToBytes())));
                    filters[owner] = newer;
                    break;
                default:
                    filters[owner] = NewFilter(random, Sizes[random.Next(Sizes.Length)]);
                    Assert.True(matrix.TrySet(owner, filters[owner]));
                    break;
            }

            if (step % 50 == 0)
            {
                string[] words = [$"w{random.Next(200)}", $"w{random.Next(200)}"];
                var expected = filters.Where(filter => words.All(word => filter.Value.MayContain(word))).Select(filter => filter.Key);
                Assert.Equal(expected.Order(), matrix.Find(words).Order());
                Assert.Equal(filters.Count, matrix.Count);
                Assert.Equal(filters.Keys.Order(), matrix.Find().Order());
            }
        }

        foreach (var owner in filters.Keys)
        {
            matrix.Remove(owner);
        }

        Assert.Equal((0, 0), (matrix.Count, matrix.MemoryBytes));
    }

    [Fact]
    public void Filters_that_are_too_long_are_folded()
    {
        var matrix = new BloomFilterMatrix<string>(new() { BitsMax = 256 });
        var filter = new PartitionedBloomFilter(1 << 12, 3);
        filter.Add("a");
        Assert.True(matrix.TrySet("owner", filter));
        Assert.Equal(["owner"], matrix.Find("a"));
        Assert.Empty(matrix.Find("b"));

        var (older, newer) = (filter.Snapshot(), new PartitionedBloomFilter(1 << 12, 3));
        newer.Add("b");
        Assert.True(matrix.TryApply("owner", newer.DeltaSince(older)));
        Assert.Equal(["owner"], matrix.Find("b"));
        Assert.Equal(["owner"], matrix.Find("a"));
        Assert.True(matrix.TrySet("owner", newer));
        Assert.Empty(matrix.Find("a"));
    }

    [Fact]
    public void Each_of_k_matrices_holds_one_vector_and_together_they_find_what_one_finds()
    {
        var whole = new BloomFilterMatrix<int>();
        BloomFilterMatrix<int>[] parts = [.. Enumerable.Range(0, 3).Select(index => new BloomFilterMatrix<int>(new() { Vector = index }))];
        var random = new Random(2);
        for (var owner = 0; owner < 300; owner++)
        {
            var filter = NewFilter(random, 256);
            Assert.True(whole.TrySet(owner, filter));
            Assert.True(parts[0].TrySet(owner, filter));
            Assert.True(parts[1].TrySet(owner, filter.Vector(1)));
            Assert.True(parts[2].TrySet(owner, filter.Vector(2)));
        }

        for (var word = 0; word < 200; word++)
        {
            var together = parts.Select(part => part.Find($"w{word}")).Aggregate((IEnumerable<int>)whole.Find(), (left, right) => left.Intersect(right));
            Assert.Equal(whole.Find($"w{word}").Order(), together.Order());
        }

        Assert.Throws<ArgumentException>(() => parts[0].TrySet(1, NewFilter(random, 256).Vector(1)));
        Assert.Throws<ArgumentException>(() => whole.TrySet(1, NewFilter(random, 256).Vector(1)));
    }

    [Fact]
    public void Deltas_of_other_versions_are_refused()
    {
        var matrix = new BloomFilterMatrix<string>();
        var (older, newer) = (new PartitionedBloomFilter(64, 3), new PartitionedBloomFilter(64, 3));
        newer.Add("a");
        Assert.False(matrix.TryApply("owner", newer.DeltaSince(older)));
        Assert.True(matrix.TrySet("owner", older));
        Assert.True(matrix.TryApply("owner", newer.DeltaSince(older)));
        Assert.True(matrix.TryApply("owner", newer.DeltaSince(older)), "A delta that arrives twice does no harm.");
        Assert.True(matrix.TryGetFingerprint("owner", out var fingerprint));
        Assert.Equal(newer.ComputeFingerprint(), fingerprint);
        Assert.False(matrix.TryGetFingerprint("another", out _));
    }

    [Fact]
    public void At_the_bound_of_memory_newcomers_are_refused_and_those_who_are_there_stay()
    {
        var matrix = new BloomFilterMatrix<int>(new() { MemoryMax = 100_000 });
        var filter = new PartitionedBloomFilter(1 << 10, 3);
        filter.Add("a");
        var accepted = 0;
        while (matrix.TrySet(accepted, filter))
        {
            accepted++;
        }

        Assert.Equal(128, accepted);
        Assert.InRange(matrix.MemoryBytes, 50_000, 100_000);
        Assert.Equal(accepted, matrix.Find("a").Count);
        Assert.True(matrix.TrySet(0, filter));
        Assert.True(matrix.Remove(0));
        Assert.True(matrix.TrySet(accepted, filter));
    }

    // Three bits each: what remembers the owners takes many times that.
    [Fact]
    public void At_the_bound_of_memory_owners_count_even_if_their_filters_take_next_to_nothing()
    {
        const int MemoryMax = 200_000;
        var matrix = new BloomFilterMatrix<int>(new() { MemoryMax = MemoryMax });
        var filter = new PartitionedBloomFilter(1, 3);
        var accepted = 0;
        while (matrix.TrySet(accepted, filter))
        {
            accepted++;
        }

        Assert.InRange(accepted, MemoryMax / 200, MemoryMax / 140);
        Assert.InRange(matrix.MemoryBytes, MemoryMax * 0.9, MemoryMax);
        Assert.True(matrix.TrySet(0, filter));
    }

    // Widths of 1, 2, 4 … 32 words, then 64 and more.
    [Fact]
    public void Many_owners_of_one_length_are_found_however_wide_their_rows_become()
    {
        const int Owners = 9000;
        var matrix = new BloomFilterMatrix<int>();
        for (var owner = 0; owner < Owners; owner++)
        {
            var filter = new PartitionedBloomFilter(64, 3);
            filter.Add(owner % 100);
            Assert.True(matrix.TrySet(owner, filter));
        }

        for (var word = 0; word < 100; word += 7)
        {
            List<int> found = [];
            matrix.Find([matrix.Hasher.Hash(word)], found);
            Assert.Empty(Enumerable.Range(0, Owners).Where(owner => owner % 100 == word).Except(found));
        }

        // 192 rows of 144 words, and an entry for each owner.
        Assert.InRange(matrix.MemoryBytes - Owners * 136, 192 * 8 * (Owners / 64), 192 * 8 * (Owners / 64) * 1.8);
    }

    [Fact]
    public void What_does_not_belong_here_is_refused()
    {
        var matrix = new BloomFilterMatrix<int>();
        Assert.Throws<ArgumentException>("filter", () => matrix.TrySet(1, new PartitionedBloomFilter(100, 3)));
        Assert.Throws<ArgumentException>("filter", () => matrix.TrySet(1, new PartitionedBloomFilter(128, 4)));
        Assert.Throws<ArgumentException>("vector", () => matrix.TrySet(1, new PartitionedBloomFilter(128, 3).Vector(0)));
        Assert.Throws<ArgumentNullException>("owner", () => new BloomFilterMatrix<string>().TrySet(null!, new PartitionedBloomFilter(128, 3)));
        Assert.Throws<ArgumentException>(() => matrix.TrySet(1, new PartitionedBloomFilter(128, 3, BloomHasher.Seeded(1))));
        Assert.Throws<ArgumentException>(() => new BloomFilterMatrix<int>(new() { Hasher = BloomHasher.Md5 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BloomFilterMatrix<int>(new() { BitsMax = 100 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BloomFilterMatrix<int>(new() { Vector = 3 }));
    }

    [Fact]
    public async Task Readers_never_miss_an_owner_that_holds_a_word_before_and_after_a_change()
    {
        const int Owners = 300;
        var matrix = new BloomFilterMatrix<int>();
        Assert.True(matrix.TrySet(0, WithWord(1, 512)));
        using var stop = new CancellationTokenSource();
        var missed = 0;
        var reader = Task.Run(() =>
        {
            var owners = new List<int>();
            BloomHash[] query = [matrix.Hasher.Hash("kept")];
            while (!stop.IsCancellationRequested)
            {
                owners.Clear();
                matrix.Find(query, owners);
                missed += owners.Count(owner => owner == 0) == 1 ? 0 : 1;
            }
        });
        for (var round = 0; round < 20; round++)
        {
            for (var owner = 1; owner < Owners; owner++)
            {
                matrix.TrySet(owner, WithWord(owner, 512));
                matrix.TrySet(0, WithWord(owner, owner % 10 == 0 ? 1024 : 512));
            }

            for (var owner = 1; owner < Owners; owner++)
            {
                matrix.Remove(owner);
            }
        }

        await stop.CancelAsync();
        await reader;
        Assert.Equal(0, missed);
    }

    private static PartitionedBloomFilter WithWord(int number, int bits)
    {
        var filter = new PartitionedBloomFilter(bits, 3);
        filter.Add("kept");
        filter.Add(number);
        return filter;
    }

    private static PartitionedBloomFilter NewFilter(Random random, long bits)
    {
        var filter = new PartitionedBloomFilter(bits, 3);
        for (var count = random.Next(60); count > 0; count--)
        {
            filter.Add($"w{random.Next(200)}");
        }

        return filter;
    }
}
