using P2P.Bloom;

namespace NativeSmoke;

/// <summary>Sends filters of several kinds, as bytes.</summary>
internal static class FilterStep
{
    public static Task RunAsync(Workplace workplace)
    {
        var mine = BlockedBloomFilter.ForCapacity(1000, falsePositiveRate: 0.01);
        mine.Add("pear");
        var theirs = BloomFormat.Read<BlockedBloomFilter>(mine.ToBytes());
        Claims.Hold(theirs.MayContain("pear"));

        var before = mine.Snapshot();
        mine.Add("medlar");
        Claims.Hold(theirs.TryApply(BloomFormat.ReadDelta(mine.DeltaSince(before).ToBytes())));
        Claims.Hold(theirs.MayContain("medlar"));

        var matrix = new BloomFilterMatrix<string>(new() { HashCount = 3 });
        var summary = PartitionedBloomFilter.ForCapacity(100, falsePositiveRate: 0.01, hashCount: 3);
        summary.Add("quince");
        Claims.Hold(matrix.TrySet("alice", summary));
        Claims.Hold(matrix.Find("quince").Contains("alice"));
        return Task.CompletedTask;
    }
}
