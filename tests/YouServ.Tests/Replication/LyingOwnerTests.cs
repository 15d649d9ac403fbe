using Microsoft.Extensions.Logging.Abstractions;
using P2P.YouServ;
using P2P.YouServ.Hosting;
using P2P.YouServ.Protocol;
using P2P.YouServ.Wire;

namespace YouServ.Tests.Replication;

/// <summary>What a copy makes of an owner's peer that lies, fails, or wants too much.</summary>
public sealed class LyingOwnerTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private ScriptedOwner _owner = null!;
    private ReplicaSite _copy = null!;

    public async Task InitializeAsync()
    {
        _owner = await ScriptedOwner.StartAsync();
        _owner.Files["a.txt"] = "one"u8.ToArray();
        _owner.Files["b/c.txt"] = "two"u8.ToArray();
        _copy = await OpenAsync();
    }

    public async Task DisposeAsync()
    {
        await _copy.DisposeAsync();
        await _owner.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_honest_owner_s_site_is_copied()
    {
        Assert.True(await CopyAsync());
        Assert.Equal("two", await File.ReadAllTextAsync(Path.Combine(_copy.Site.FolderPath, "b", "c.txt")));
        Assert.Equal(7, _copy.State!.Version);
    }

    [Fact]
    public async Task What_does_not_have_its_digest_is_not_taken()
    {
        _owner.Files["large.bin"] = new byte[3 * Blocks.Length];
        new Random(1).NextBytes(_owner.Files["large.bin"]);
        _owner.Sent = (path, content) => path == "b/c.txt" ? content : [.. content[..^1], (byte)~content[^1]];
        Assert.False(await CopyAsync());
        Assert.Null(_copy.State);
        Assert.Empty(Directory.EnumerateFiles(_copy.Site.FolderPath, "*", SearchOption.AllDirectories));

        // Where no rule is another, what could be had is taken, and nothing is deleted that may be wanted yet.
        _owner.Sent = (_, content) => content;
        Assert.True(await CopyAsync());
        _owner.Files["a.txt"] = "other"u8.ToArray();
        _owner.Files["renamed.txt"] = _owner.Files["b/c.txt"];
        _owner.Files.Remove("b/c.txt");
        _owner.Sent = (path, content) => path == "a.txt" ? [.. content[..^1], 0] : content;
        Assert.False(await CopyAsync());
        Assert.Equal(["a.txt", "b/c.txt", "large.bin", "renamed.txt"], FilesOf());
        Assert.Equal("one", await File.ReadAllTextAsync(Path.Combine(_copy.Site.FolderPath, "a.txt")));
    }

    [Fact]
    public async Task Rules_come_with_their_files_or_the_copy_is_not_seen()
    {
        Assert.True(await CopyAsync());
        _owner.Files["a.txt"] = "public now"u8.ToArray();
        _owner.Rules = new() { Rules = [new() { Path = "a.txt", Audience = Audience.Everyone }] };
        _owner.Sent = (_, content) => [.. content[..^1], 0];
        Assert.False(await CopyAsync());
        Assert.False(_copy.Site.Access.IsPublic(SitePath.Parse("a.txt")));
        _owner.Sent = (_, content) => content;
        Directory.CreateDirectory(Path.Combine(_copy.Site.FolderPath, "a.txt.d"));
        Assert.True(await CopyAsync());
        Assert.True(_copy.Site.Access.IsPublic(SitePath.Parse("a.txt")));
        Assert.Equal("public now", await File.ReadAllTextAsync(Path.Combine(_copy.Site.FolderPath, "a.txt")));
    }

    [Fact]
    public async Task An_owner_s_peer_that_begins_anew_changes_nothing()
    {
        Assert.True(await CopyAsync());
        _owner.Origin = "a new laptop";
        _owner.Files.Clear();
        await Assert.ThrowsAsync<InvalidDataException>(CopyAsync);
        await _copy.DisposeAsync();
        _copy = await OpenAsync();
        await Assert.ThrowsAsync<InvalidDataException>(CopyAsync);
        Assert.Equal(["a.txt", "b/c.txt"], FilesOf());
        Assert.NotNull(_copy.State);
    }

    [Fact]
    public async Task What_is_not_served_is_not_taken()
    {
        _owner.Files[".hidden"] = "x"u8.ToArray();
        await Assert.ThrowsAsync<InvalidDataException>(CopyAsync);
        _owner.Rules = new() { ShowsHidden = true };
        Assert.True(await CopyAsync());
        Assert.Equal([".hidden", "a.txt", "b/c.txt"], FilesOf());
        _owner.Files.Remove(".hidden");
        _owner.Rules = new();
        Assert.True(await CopyAsync());
        Assert.Equal(["a.txt", "b/c.txt"], FilesOf());
    }

    [Fact]
    public async Task Paths_longer_than_any_are_refused()
    {
        _owner.Files[string.Join('/', Enumerable.Repeat(new string('x', 250), 20))] = "x"u8.ToArray();
        await Assert.ThrowsAsync<InvalidDataException>(CopyAsync);
    }

    [Fact]
    public async Task A_length_that_is_another_than_the_digest_s_brings_no_copies()
    {
        Assert.True(await CopyAsync());
        var large = _owner.Entries("").Single(entry => entry.Name == "a.txt");
        _owner.Folder = _ => [.. Enumerable.Range(0, 10).Select(i => large with { Name = $"a{i}", Length = 0 })];
        await Assert.ThrowsAnyAsync<Exception>(CopyAsync);
        Assert.DoesNotContain(Directory.EnumerateFiles(_folder.In("copy", "incoming")), path => new FileInfo(path).Length > 0);
    }

    [Fact]
    public async Task Folders_without_an_end_are_refused()
    {
        _owner.Folder = path => [new("deeper", IsFolder: true, 0, 0, DigestOfDepth(path.Length == 0 ? 1 : path.Split('/').Length + 1))];
        _owner.Root = DigestOfDepth(0);
        await Assert.ThrowsAsync<InvalidDataException>(CopyAsync);

        ContentDigest DigestOfDepth(int depth)
        {
            var digest = new ContentDigest(1, 2, 3, 4);
            for (var i = 1000; i > depth; i--)
            {
                digest = TreeEntry.DigestOf([new("deeper", IsFolder: true, 0, 0, digest)]);
            }

            return digest;
        }
    }

    [Fact]
    public async Task Entries_that_are_not_the_folder_s_are_not_taken()
    {
        _owner.Root = new ContentDigest(1, 2, 3, 4);
        Assert.False(await CopyAsync());
    }

    [Fact]
    public async Task More_than_a_copy_may_have_is_refused()
    {
        await _copy.DisposeAsync();
        _copy = await OpenAsync(lengthMax: 5);
        await Assert.ThrowsAsync<InvalidDataException>(CopyAsync);
        _owner.Files.Remove("b/c.txt");
        Assert.True(await CopyAsync());
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 42)]
    public async Task A_size_that_no_disk_has_is_refused(long length)
    {
        _owner.Folder = _ => [new("huge", IsFolder: false, length, 0, new(1, 2, 3, 4)), new("huge2", IsFolder: false, length, 0, new(1, 2, 3, 4))];
        await Assert.ThrowsAsync<InvalidDataException>(CopyAsync);
    }

    [Theory]
    [InlineData("../x", Audience.Everyone)]
    [InlineData("a", (Audience)9)]
    public async Task Rules_that_no_site_may_have_are_refused(string path, Audience audience)
    {
        _owner.Rules = new() { Rules = [new() { Path = path, Audience = audience }] };
        await Assert.ThrowsAsync<InvalidDataException>(CopyAsync);
        Assert.Null(_copy.State);
    }

    [Fact]
    public async Task Links_of_one_secret_are_refused()
    {
        _owner.Rules = new() { Links = [new() { Id = "1", SecretHash = "x", Path = "a" }, new() { Id = "2", SecretHash = "x", Path = "b" }] };
        await Assert.ThrowsAsync<InvalidDataException>(CopyAsync);
    }

    [Fact]
    public async Task A_large_file_goes_on_where_it_was_cut_off()
    {
        var content = new byte[100 * Blocks.Length + 5];
        new Random(1).NextBytes(content);
        _owner.Files["large.bin"] = content;
        _owner.PartsLeft = 1;
        await Assert.ThrowsAnyAsync<Exception>(CopyAsync);
        Assert.Null(_copy.State);
        var first = _owner.PartBytes;
        await _copy.DisposeAsync();

        // The machine is started again.
        _copy = await OpenAsync();
        _owner.PartsLeft = int.MaxValue;
        Assert.True(await CopyAsync());
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(_copy.Site.FolderPath, "large.bin")));
        Assert.Equal(content.Length, _owner.PartBytes);
        Assert.InRange(first, 1, content.Length - 1);
        Assert.Empty(Directory.EnumerateFiles(_folder.In("copy", "incoming"), "*.part"));
    }

    [Fact]
    public async Task A_renamed_file_does_not_travel()
    {
        var content = new byte[3 * Blocks.Length];
        new Random(1).NextBytes(content);
        _owner.Files["large.bin"] = content;
        Assert.True(await CopyAsync());
        var before = _owner.PartBytes;
        _owner.Files.Remove("large.bin");
        _owner.Files["b/renamed.bin"] = content;
        Assert.True(await CopyAsync());
        Assert.Equal(before, _owner.PartBytes);
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(_copy.Site.FolderPath, "b", "renamed.bin")));
        Assert.False(File.Exists(Path.Combine(_copy.Site.FolderPath, "large.bin")));
    }

    private IEnumerable<string> FilesOf() => Directory.EnumerateFiles(_copy.Site.FolderPath, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(_copy.Site.FolderPath, path)).Order(StringComparer.Ordinal);

    private async Task<ReplicaSite> OpenAsync(long lengthMax = 1 << 30) =>
        await ReplicaSite.OpenAsync(_folder.In("copy"), lengthMax, TimeProvider.System, NullLogger.Instance);

    private async Task<bool> CopyAsync()
    {
        using var client = _owner.Connect();
        return await _copy.CopyAsync(client, _owner.State, hasLooked: false, CancellationToken.None);
    }
}
