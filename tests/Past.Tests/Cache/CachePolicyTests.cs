using System.Buffers.Binary;
using P2P.Past;
using Xunit.Abstractions;

namespace Past.Tests.Cache;

public class CachePolicyTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("greedy dual size", 1)]
    [InlineData("greedy dual size", 2)]
    [InlineData("least recently used", 1)]
    [InlineData("least recently used", 2)]
    public void Policy_evicts_what_a_naive_one_does(string name, int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var (policy, naive) = name == "greedy dual size"
            ? ((ICachePolicy)new GreedyDualSizePolicy(), (ICachePolicy)new NaiveGreedyDualSize())
            : (new LeastRecentlyUsedPolicy(), new NaiveLeastRecentlyUsed());
        var known = new List<FileId>();
        for (var step = 0; step < 20_000; step++)
        {
            switch (random.Next(8))
            {
                case 0 or 1 or 2 when known.Count < 200:
                    var (file, length) = (File(step), (long)Math.Exp(random.NextDouble() * 14));
                    known.Add(file);
                    policy.Admitted(file, length);
                    naive.Admitted(file, length);
                    break;
                case 3 or 4 when known.Count > 0:
                    var hit = known[random.Next(known.Count)];
                    policy.Hit(hit);
                    naive.Hit(hit);
                    break;
                case 5 when known.Count > 0:
                    var removed = known[random.Next(known.Count)];
                    known.Remove(removed);
                    policy.Removed(removed);
                    naive.Removed(removed);
                    break;
                case 6 or 7:
                    var isEvicted = policy.TryEvict(out var evicted);
                    Assert.Equal(naive.TryEvict(out var expected), isEvicted);
                    Assert.Equal(expected, evicted);
                    known.Remove(evicted);
                    break;
                default:
                    break;
            }
        }
    }

    [Fact]
    public void Greedy_dual_size_keeps_the_small_and_what_is_asked_for()
    {
        var policy = new GreedyDualSizePolicy();
        policy.Admitted(File(1), 1_000);
        policy.Admitted(File(2), 10);
        policy.Admitted(File(3), 1_000);
        policy.Hit(File(1));
        Assert.Equal([File(3), File(1), File(2)], EvictAll(policy));
    }

    [Fact]
    public void Greedy_dual_size_lets_small_files_go_that_nobody_asks_for_any_more()
    {
        var policy = new GreedyDualSizePolicy();
        policy.Admitted(File(0), 10);
        var others = 0;
        FileId evicted;
        do
        {
            policy.Admitted(File(++others), 1_000);
            policy.TryEvict(out evicted);
        }
        while (evicted != File(0));
        Assert.InRange(others, 50, 150);
    }

    [Fact]
    public void Least_recently_used_keeps_what_is_asked_for_whatever_its_length()
    {
        var policy = new LeastRecentlyUsedPolicy();
        policy.Admitted(File(1), 1_000);
        policy.Admitted(File(2), 10);
        policy.Admitted(File(3), 1_000);
        policy.Hit(File(1));
        Assert.Equal([File(2), File(3), File(1)], EvictAll(policy));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Hit_allocates_nothing(bool isGreedy)
    {
        ICachePolicy policy = isGreedy ? new GreedyDualSizePolicy() : new LeastRecentlyUsedPolicy();
        for (var i = 0; i < 1000; i++)
        {
            policy.Admitted(File(i), i + 1);
        }

        policy.Hit(File(1));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            policy.Hit(File(i));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Policy_takes_no_copy_twice_and_none_without_length(bool isGreedy)
    {
        ICachePolicy policy = isGreedy ? new GreedyDualSizePolicy() : new LeastRecentlyUsedPolicy();
        policy.Admitted(File(1), 1);
        Assert.Throws<ArgumentException>(() => policy.Admitted(File(1), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => policy.Admitted(File(2), 0));
        policy.Hit(File(3));
        policy.Removed(File(3));
        Assert.Equal([File(1)], EvictAll(policy));
    }

    internal static FileId File(int number)
    {
        Span<byte> id = stackalloc byte[FileId.ByteLength];
        BinaryPrimitives.WriteInt32BigEndian(id[8..], number);
        return FileId.FromBytes(id);
    }

    private static List<FileId> EvictAll(ICachePolicy policy)
    {
        var evicted = new List<FileId>();
        while (policy.TryEvict(out var file))
        {
            evicted.Add(file);
        }

        return evicted;
    }
}
