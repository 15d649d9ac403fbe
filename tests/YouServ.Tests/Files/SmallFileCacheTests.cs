using P2P.YouServ;
using P2P.YouServ.Http.Files;

namespace YouServ.Tests.Files;

public sealed class SmallFileCacheTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly SiteFolder _folder;

    public SmallFileCacheTests() => _folder = SiteFolder.Open(_temporary.Root);

    public void Dispose()
    {
        _folder.Dispose();
        _temporary.Dispose();
    }

    [Fact]
    public async Task What_was_not_used_lately_gives_way()
    {
        var (a, b, c) = (await ReadAsync("a.bin"), await ReadAsync("b.bin"), await ReadAsync("c.bin"));
        var cache = new SmallFileCache(2 * a.Weight);
        cache.Add(a);
        cache.Add(b);
        Assert.Same(a, cache.Find(SitePath.Parse("a.bin")));
        cache.Add(c);
        Assert.Null(cache.Find(SitePath.Parse("b.bin")));
        Assert.Same(a, cache.Find(SitePath.Parse("a.bin")));
        Assert.Same(c, cache.Find(SitePath.Parse("c.bin")));
        Assert.Equal(2 * a.Weight, cache.Bytes);
    }

    [Fact]
    public async Task A_newer_state_takes_the_place_of_an_older_one()
    {
        var old = await ReadAsync("a.bin");
        var cache = new SmallFileCache(10 * old.Weight);
        cache.Add(old);
        var now = await ReadAsync("a.bin");
        cache.Add(now);
        cache.Remove(old);
        Assert.Same(now, cache.Find(SitePath.Parse("a.bin")));
        Assert.Equal(now.Weight, cache.Bytes);
        cache.Remove(now);
        Assert.Equal(0, cache.Bytes);
    }

    [Fact]
    public async Task What_is_larger_than_all_the_room_is_not_kept()
    {
        var file = await ReadAsync("a.bin");
        var cache = new SmallFileCache(file.Weight - 1);
        cache.Add(file);
        Assert.Null(cache.Find(SitePath.Parse("a.bin")));
        Assert.Equal(0, cache.Bytes);
    }

    private async Task<SmallFile> ReadAsync(string name)
    {
        _temporary.Write(name, new byte[1000]);
        var path = SitePath.Parse(name);
        using var file = _folder.OpenFile(path, out var entry);
        return (await SmallFile.ReadAsync(_folder, path, file!, entry.Stamp, CancellationToken.None))!;
    }
}
