using P2P.Past;
using P2P.Past.Simulation;
using Xunit.Abstractions;

namespace Past.Tests.Simulation;

/// <summary>Caches of files without bytes, as experiments with many references use them (PAST §5.4).</summary>
public class VirtualCacheTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromHours(10);

    [Fact]
    public void Files_that_many_ask_for_are_found_closer_by_with_caches_and_as_close_as_there_is_room_for_them()
    {
        var none = Measure(cache: null);
        var small = Measure(new CacheOptions { CapacityBytes = 20_000 });
        var large = Measure(new CacheOptions());
        output.WriteLine($"hops: {none.Hops:F2} without, {small.Hops:F2} and {large.Hops:F2} with caches, which answer {small.HitRate:P0} and {large.HitRate:P0}");
        Assert.Equal(0, none.HitRate);
        Assert.True(small.HitRate > 0.2);
        Assert.True(large.HitRate > small.HitRate + 0.1);
        Assert.True(small.Hops < none.Hops);
        Assert.True(large.Hops < small.Hops);
        Assert.Equal(large, Measure(new CacheOptions()));
    }

    [Fact]
    public void Copies_take_no_room_of_replicas()
    {
        var archive = Formed(new CacheOptions());
        VirtualFile[] files = [.. Enumerable.Range(0, 50).Select(_ => archive.NewFile(length: 5_000, replicaCount: 3))];
        foreach (var file in files)
        {
            archive.Run(() => archive.InsertAsync(archive.AnyNode(), file), Limit);
        }

        var (stored, utilization) = (archive.Counters.StoredBytes, archive.Utilization);
        for (var i = 0; i < 500; i++)
        {
            Assert.IsType<VirtualLookup.Found>(archive.Run(() => archive.LookupAsync(archive.AnyNode(), files[i % files.Length].FileId), Limit));
        }

        archive.Overlay.Run(TimeSpan.FromMinutes(30));
        Assert.True(archive.Overlay.Nodes.Sum(node => archive.CacheOf(node)!.Value.Count) > 100);
        Assert.Equal((stored, utilization), (archive.Counters.StoredBytes, archive.Utilization));
        Assert.All(files, file => Assert.Equal(3, archive.HoldersOf(file.FileId).Count));
    }

    private static (double Hops, double HitRate) Measure(CacheOptions? cache)
    {
        const int References = 3_000;
        var archive = Formed(cache);
        VirtualFile[] files = [.. Enumerable.Range(0, 300).Select(i => archive.NewFile(length: 500 + 40 * i, replicaCount: 3))];
        foreach (var file in files)
        {
            archive.Insert(archive.AnyNode(), file, _ => { });
            archive.Overlay.Run(TimeSpan.FromMilliseconds(500));
        }

        var before = archive.CountSearches();
        for (var reference = 0; reference < References; reference++)
        {
            // As often as ranks are high, as a Zipf distribution has it, or nearly.
            var rank = (int)Math.Pow(files.Length, archive.Overlay.NextRandom(1 << 20) / (double)(1 << 20));
            archive.Lookup(archive.AnyNode(), files[rank - 1].FileId, result => Assert.IsType<VirtualLookup.Found>(result));
            archive.Overlay.Run(TimeSpan.FromMilliseconds(300));
        }

        archive.Overlay.Run(TimeSpan.FromSeconds(10));
        var after = archive.CountSearches();
        return ((double)(after.Hops - before.Hops) / (after.Searches - before.Searches), archive.Overlay.Nodes.Sum(node => archive.CacheOf(node)?.Hits ?? 0) / (double)References);
    }

    private static VirtualArchive Formed(CacheOptions? cache)
    {
        var archive = new VirtualArchive(new()
        {
            Overlay = new() { Seed = 7, Pastry = PastWorld.Quick with { BitsPerDigit = 2 } },
            CapacityBytes = 1 << 24,
            Cache = cache,
        });
        Assert.True(archive.Grow(100));
        return archive;
    }
}
