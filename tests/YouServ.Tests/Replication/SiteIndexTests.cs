using P2P.YouServ;
using P2P.YouServ.Hosting;
using P2P.YouServ.Http.Files;
using P2P.YouServ.Storage;

namespace YouServ.Tests.Replication;

/// <summary>What is in a folder, and what only cannot be seen for a moment.</summary>
public sealed class SiteIndexTests : IAsyncLifetime
{
    private static readonly SiteFilesOptions Serving = new();

    private readonly TemporaryFolder _folder = new();
    private MutedFolder _site = null!;
    private SqliteDatabase _database = null!;
    private SiteIndex _index = null!;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(_folder.In("site", "a", "b"));
        await File.WriteAllTextAsync(_folder.In("site", "one.txt"), "1");
        await File.WriteAllTextAsync(_folder.In("site", "a", "b", "two.txt"), "2");
        _site = new MutedFolder(SiteFolder.Open(_folder.In("site")));
        _database = await SiteDatabase.OpenAsync(_folder.In("site.db"));
        _index = await SiteIndex.OpenAsync(_site, _database, TimeProvider.System);
    }

    public async Task DisposeAsync()
    {
        _index.Dispose();
        await _database.DisposeAsync();
        _site.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a/b")]
    public async Task A_folder_that_cannot_be_read_for_a_moment_stays_as_it_was(string path)
    {
        await LookAsync();
        var before = _index.Root.Digest;
        _site.Muted.Add(path);
        Assert.False(await LookAsync());
        Assert.Equal(before, _index.Root.Digest);

        // Nor is it forgotten what was known: with the folder back, nothing has to be read again.
        _site.Muted.Clear();
        await LookAsync();
        Assert.Equal(before, _index.Root.Digest);
        Assert.Equal(2, (await new FileBook(_database).ReadAsync()).Count);
    }

    [Fact]
    public async Task What_cannot_be_read_at_the_first_look_is_not_taken_for_empty()
    {
        await LookAsync();
        using var again = await SiteIndex.OpenAsync(_site, _database, TimeProvider.System);
        _site.Muted.Add("a");
        await Assert.ThrowsAsync<IOException>(() => again.LookAsync(Serving, written: null, CancellationToken.None));
    }

    [Fact]
    public async Task A_link_to_a_folder_above_ends_nowhere()
    {
        Directory.CreateSymbolicLink(_folder.In("site", "a", "up"), _folder.In("site"));
        await LookAsync();
        Assert.NotNull(_index.Root.Find(SitePath.Parse("a/b")));
        Assert.Null(_index.Root.Find(SitePath.Parse("a/up/a/up")));
    }

    [Fact]
    public async Task A_file_changes_its_folder_s_digests_and_no_others()
    {
        Directory.CreateDirectory(_folder.In("site", "c"));
        await LookAsync();
        var (root, a, c) = (_index.Root.Digest, _index.Root.Find(SitePath.Parse("a"))!.Digest, _index.Root.Find(SitePath.Parse("c"))!.Digest);
        await File.WriteAllTextAsync(_folder.In("site", "a", "b", "two.txt"), "3");
        await LookAsync();
        Assert.NotEqual(root, _index.Root.Digest);
        Assert.NotEqual(a, _index.Root.Find(SitePath.Parse("a"))!.Digest);
        Assert.Equal(c, _index.Root.Find(SitePath.Parse("c"))!.Digest);
    }

    private Task<bool> LookAsync() => _index.LookAsync(Serving, written: null, CancellationToken.None);
}
