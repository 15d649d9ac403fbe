using P2P.Bloom;

namespace Architecture.Tests.Snippets;

internal static class AskManyFilters
{
    public static void Run()
    {
        // snippet: ask-many-filters
        var registrar = new BloomFilterMatrix<string>(new() { HashCount = 3, MemoryMax = 1L << 30 });
        var summary = PartitionedBloomFilter.ForCapacity(5000, falsePositiveRate: 0.01, hashCount: 3);
        summary.Add("peer");
        summary.Add("filter");
        registrar.TrySet("alice.example", summary);
        Console.WriteLine(string.Join(", ", registrar.Find("peer", "filter")));
        // end of snippet
    }
}
