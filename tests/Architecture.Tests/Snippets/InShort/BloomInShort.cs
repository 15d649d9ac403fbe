// snippet: bloom-in-short
using P2P.Bloom;
// end of snippet

namespace Architecture.Tests.Snippets.InShort;

/// <summary>The package in a few lines, as README shows it.</summary>
public sealed class BloomInShort
{
    [Fact]
    public void It_runs()
    {
        // snippet: bloom-in-short
        var mine = BloomFilter.ForCapacity(100_000, falsePositiveRate: 0.01);
        mine.Add("apple");
        byte[] message = mine.ToBytes(); // 120 KB for a hundred thousand words

        var theirs = BloomFormat.Read<BloomFilter>(message);
        Console.WriteLine($"{theirs.MayContain("apple")}, {theirs.MayContain("quince")}"); // "no" is certain, "yes" wrong once in a hundred
        // end of snippet
        Assert.Equal((true, false), (theirs.MayContain("apple"), theirs.MayContain("quince")));
    }
}
