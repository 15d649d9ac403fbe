// snippet: exchange-filters
using P2P.Bloom;
// end of snippet

namespace Architecture.Tests.Snippets;

internal static class ExchangeFilters
{
    public static void Run()
    {
        // snippet: exchange-filters
        // Alice summarizes what she has, and sends the summary.
        var mine = BloomFilter.ForCapacity(100_000, falsePositiveRate: 0.01);
        mine.Add("apple");
        mine.Add("pear");
        byte[] message = mine.ToBytes();

        // Bob reads it, wherever it comes from, and knows what she certainly lacks.
        if (BloomFormat.TryRead<BloomFilter>(message, out var hers) && !hers.MayContain("quince"))
        {
            Console.WriteLine("Send her the quince.");
        }

        // Later only what changed travels.
        var before = mine.Snapshot();
        mine.Add("medlar");
        byte[] update = mine.DeltaSince(before).ToBytes();
        Console.WriteLine(hers!.TryApply(BloomFormat.ReadDelta(update)) && hers.MayContain("medlar"));
        // end of snippet
    }
}
