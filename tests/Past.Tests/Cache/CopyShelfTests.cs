using P2P.Past;
using P2P.Past.Protocol;
using P2P.Pastry;
using Xunit.Abstractions;

namespace Past.Tests.Cache;

public class CopyShelfTests(ITestOutputHelper output)
{
    private static readonly Instant Now = Instant.Zero + TimeSpan.FromDays(10);

    [Fact]
    public void Copy_is_there_once_it_is_written()
    {
        var shelf = NewShelf(1000);
        Assert.True(shelf.TryReserve(File(1), 100, Now, out _));
        Assert.False(shelf.Contains(File(1), Now));
        Assert.True(shelf.End(File(1), isWritten: true));
        Assert.True(shelf.Contains(File(1), Now));
        Assert.Equal(100, shelf.UsedBytes);
    }

    [Fact]
    public void Copy_that_could_not_be_written_leaves_its_room()
    {
        var shelf = NewShelf(1000);
        Assert.True(shelf.TryReserve(File(1), 900, Now, out _));
        Assert.False(shelf.TryReserve(File(2), 900, Now, out var evicted));
        Assert.Empty(evicted);
        Assert.False(shelf.End(File(1), isWritten: false));
        Assert.Equal(0, shelf.UsedBytes);
        Assert.True(shelf.TryReserve(File(2), 900, Now, out _));
    }

    [Fact]
    public void Copy_that_nobody_wants_any_more_goes_when_it_is_written()
    {
        var shelf = NewShelf(1000);
        Assert.True(shelf.TryReserve(File(1), 100, Now, out _));
        Assert.False(shelf.Remove(File(1)));
        Assert.False(shelf.End(File(1), isWritten: true));
        Assert.Equal(0, shelf.UsedBytes);
    }

    [Fact]
    public void Copy_as_large_as_the_room_is_not_taken_in()
    {
        Assert.False(NewShelf(1000).TryReserve(File(1), 1000, Now, out _));
        Assert.False(NewShelf(1000, ratio: 0.5).TryReserve(File(1), 500, Now, out _));
        Assert.True(NewShelf(1000, ratio: 0.5).TryReserve(File(1), 499, Now, out _));
    }

    [Fact]
    public async Task Replicas_push_copies_out()
    {
        var replicas = new MemoryReplicaStore(10_000);
        var shelf = new CopyShelf(new CacheOptions { CapacityBytes = 8_000 }, replicas);
        for (var i = 0; i < 7; i++)
        {
            Put(shelf, File(i), 1000);
        }

        Assert.Empty(shelf.GiveWay());
        var content = TestFiles.Content(5_000);
        await replicas.StoreAsync(TestFiles.Certify(content), content);
        var evicted = shelf.GiveWay();
        Assert.Equal([File(0), File(1), File(2)], evicted);
        Assert.InRange(shelf.UsedBytes, 1, replicas.Usage.FreeBytes);
    }

    [Fact]
    public void Copy_goes_when_it_has_been_away_from_replicas_for_too_long()
    {
        var shelf = NewShelf(10_000);
        Put(shelf, File(1), 100, Now);
        Put(shelf, File(2), 100, Now - TimeSpan.FromHours(23));
        Put(shelf, File(3), 100, Now - TimeSpan.FromHours(12));
        Assert.Equal(Now + TimeSpan.FromHours(1), shelf.NextExpiry);
        Assert.Empty(shelf.Expire(Now));
        Assert.False(shelf.Contains(File(2), Now + TimeSpan.FromHours(1)));
        Assert.Equal([File(2), File(3)], shelf.Expire(Now + TimeSpan.FromHours(12)));
        Assert.True(shelf.Contains(File(1), Now + TimeSpan.FromHours(23)));
        Assert.False(shelf.IsYoung(TimeSpan.FromDays(1)));
    }

    [Fact]
    public void Books_agree_with_what_is_there_whatever_happens()
    {
        const int Seed = 5;
        output.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        var shelf = NewShelf(5_000);
        var kept = new Dictionary<FileId, long>();
        var written = new Dictionary<FileId, long>();
        var now = Now;
        for (var step = 0; step < 20_000; step++)
        {
            now += TimeSpan.FromMinutes(random.Next(3));
            switch (random.Next(6))
            {
                case 0 or 1 when shelf.TryReserve(File(step), random.Next(1, 2_000) is var length ? length : 0, now, out var evicted):
                    Assert.All(evicted, file => Assert.True(kept.Remove(file)));
                    written.Add(File(step), length);
                    break;
                case 2 when written.Count > 0:
                    var (ended, size) = written.ElementAt(random.Next(written.Count));
                    written.Remove(ended);
                    if (shelf.End(ended, isWritten: random.Next(4) > 0))
                    {
                        kept.Add(ended, size);
                    }

                    break;
                case 3 when kept.Count > 0 && random.Next(4) == 0:
                    var removed = kept.Keys.ElementAt(random.Next(kept.Count));
                    Assert.True(shelf.Remove(removed));
                    kept.Remove(removed);
                    break;
                case 4 when kept.Count > 0:
                    shelf.Hit(kept.Keys.ElementAt(random.Next(kept.Count)), 1);
                    break;
                case 5:
                    Assert.All(shelf.Expire(now), file => Assert.True(kept.Remove(file)));
                    break;
                default:
                    break;
            }

            Assert.Equal(kept.Values.Sum() + written.Values.Sum(), shelf.UsedBytes);
            Assert.InRange(shelf.UsedBytes, 0, 5_000);
            Assert.Equal(kept.Count, shelf.Counters.Count);
        }

        Assert.True(shelf.Counters.Evictions > 100);
    }

    private static FileId File(int number) => CachePolicyTests.File(number);

    private static CopyShelf NewShelf(long capacity, double ratio = 1) =>
        new(new CacheOptions { CapacityBytes = capacity, AdmissionRatio = ratio }, new MemoryReplicaStore(1 << 20));

    private static void Put(CopyShelf shelf, FileId file, long length, Instant? since = null)
    {
        Assert.True(shelf.TryReserve(file, length, since ?? Now, out _));
        Assert.True(shelf.End(file, isWritten: true));
    }
}
