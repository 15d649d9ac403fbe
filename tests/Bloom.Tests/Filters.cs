using P2P.Bloom;

namespace Bloom.Tests;

/// <summary>Makes filters of every kind.</summary>
internal static class Filters
{
    public static readonly byte[] Key = [.. Enumerable.Range(0, 16).Select(value => (byte)(value * 7))];

    public static readonly string[] Kinds = ["classic", "partitioned", "vector", "blocked", "counting", "scalable"];

    public static readonly string[] BitKinds = ["classic", "partitioned", "vector", "blocked"];

    public static MembershipFilter Make(string kind, BloomHasher? hasher = null) => kind switch
    {
        "classic" => new BloomFilter(new BloomParameters(4096, 4), hasher),
        "partitioned" => new PartitionedBloomFilter(1024, 3, hasher),
        "vector" => new PartitionedBloomFilter(4096, 3, hasher).Vector(1),
        "blocked" => new BlockedBloomFilter(16, hasher),
        "counting" => new CountingBloomFilter(new BloomParameters(4096, 4), hasher),
        _ => new ScalableBloomFilter(10, 0.01, hasher),
    };

    public static MembershipFilter With(string kind, IEnumerable<int> elements, BloomHasher? hasher = null)
    {
        var filter = Make(kind, hasher);
        foreach (var element in elements)
        {
            filter.Add(element);
        }

        return filter;
    }

    /// <summary>Combines each with each.</summary>
    public static TheoryData<TLeft, TRight> Pairs<TLeft, TRight>(TLeft[] left, TRight[] right)
    {
        var pairs = new TheoryData<TLeft, TRight>();
        foreach (var first in left)
        {
            foreach (var second in right)
            {
                pairs.Add(first, second);
            }
        }

        return pairs;
    }

    /// <summary>Calls a test with the filter's type.</summary>
    public static void WithType(string kind, IBitFilterTest test)
    {
        switch (kind)
        {
            case "classic":
                test.Run(elements => (BloomFilter)With(kind, elements));
                break;
            case "partitioned":
                test.Run(elements => (PartitionedBloomFilter)With(kind, elements));
                break;
            case "vector":
                test.Run(elements => (BloomVector)With(kind, elements));
                break;
            default:
                test.Run(elements => (BlockedBloomFilter)With(kind, elements));
                break;
        }
    }

    /// <summary>Is a test of what all filters of bits have in common.</summary>
    internal interface IBitFilterTest
    {
        void Run<TFilter>(Func<IEnumerable<int>, TFilter> make)
            where TFilter : BitFilter<TFilter>;
    }
}
