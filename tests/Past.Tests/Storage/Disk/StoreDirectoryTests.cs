using P2P.Past;
using static Past.Tests.Contract.ReplicaStoreContract;

namespace Past.Tests.Storage.Disk;

/// <summary>Which directories a store opens, and what it says of others.</summary>
public sealed class StoreDirectoryTests : DiskStoreTest
{
    private const int Leaf = ContentLayout.LeafSize;

    private string FormatPath => Path.Combine(Root, "store.json");

    [Fact]
    public async Task A_directory_that_is_open_is_refused_to_others()
    {
        await using (await OpenDiskAsync())
        {
            var failure = await Assert.ThrowsAsync<PastException>(() => OpenDiskAsync());
            Assert.Contains("open already", failure.Message);
            Assert.Contains(Root, failure.Message);
        }

        await (await OpenDiskAsync()).DisposeAsync();
    }

    [Fact]
    public async Task A_newer_format_is_refused()
    {
        await (await OpenDiskAsync()).DisposeAsync();
        File.WriteAllText(FormatPath, """{"format": "p2p.past.store", "version": 3}""");
        var failure = await Assert.ThrowsAsync<PastException>(() => OpenDiskAsync());
        Assert.Contains("newer", failure.Message);
        Assert.Contains("format 3", failure.Message);
    }

    [Fact]
    public async Task A_newer_database_is_refused()
    {
        await (await OpenDiskAsync()).DisposeAsync();
        Sql("PRAGMA user_version = 3");
        Assert.Contains("format 3", (await Assert.ThrowsAsync<PastException>(() => OpenDiskAsync())).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"format": "something else", "version": 1}""")]
    [InlineData("""{"format": "p2p.past.store", "version": "one"}""")]
    [InlineData("""{"format": "p2p.past.store", "version": 0}""")]
    public async Task A_file_that_describes_no_store_is_refused(string json)
    {
        await (await OpenDiskAsync()).DisposeAsync();
        File.WriteAllText(FormatPath, json);
        Assert.Contains("store.json", (await Assert.ThrowsAsync<PastException>(() => OpenDiskAsync())).Message);
    }

    [Fact]
    public async Task A_directory_with_other_things_is_refused()
    {
        Directory.CreateDirectory(Root);
        File.WriteAllText(Path.Combine(Root, "letter.txt"), "Dear");
        var failure = await Assert.ThrowsAsync<PastException>(() => OpenDiskAsync());
        Assert.Contains("letter.txt", failure.Message);
        Assert.Single(Directory.GetFileSystemEntries(Root));
    }

    [Fact]
    public async Task A_directory_whose_creation_was_interrupted_is_created_in_full()
    {
        Directory.CreateDirectory(Path.Combine(Root, "replicas", "00"));
        string[] left = ["store.json.tmp", "replicas.db.new", "replicas.db", "replicas.db-wal"];
        Array.ForEach(left, name => File.WriteAllText(Path.Combine(Root, name), "{"));
        await using var store = await OpenDiskAsync();
        await store.StoreAsync(TestFiles.Certify([1]), new byte[] { 1 });
        Assert.Equal(ReplicaCondition.Intact, await store.VerifyAsync(TestFiles.Certify([1]).FileId));
    }

    [Theory]
    [InlineData("under a file")]
    [InlineData("/proc/p2p-past")]
    public async Task A_path_that_can_be_no_directory_is_named(string path)
    {
        Directory.CreateDirectory(Root);
        var file = Path.Combine(Root, "under a file");
        File.WriteAllText(file, "");
        path = path.StartsWith('/') ? path : Path.Combine(file, "store");
        var failure = await Assert.ThrowsAsync<PastException>(
            () => DiskReplicaStore.OpenAsync(new DiskReplicaStoreOptions { Directory = path, CapacityBytes = 1000 }));
        Assert.Contains(path, failure.Message);
        Assert.Contains("Choose", failure.Message);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_directory_that_can_only_be_read_is_refused_and_nothing_is_lost(bool isStore)
    {
        Mount("8m");
        try
        {
            var certificate = TestFiles.Certify([1]);
            if (isStore)
            {
                await using var store = await OpenDiskAsync();
                await store.StoreAsync(certificate, new byte[] { 1 });
            }

            Assert.True(Run("mount", "-o", "remount,ro", Root));
            var failure = await Assert.ThrowsAsync<PastException>(() => OpenDiskAsync());
            Assert.Contains(Root, failure.Message);
            Assert.Contains("writable", failure.Message);
            Assert.True(Run("mount", "-o", "remount,rw", Root));
            await using var reopened = await OpenDiskAsync();
            Assert.Equal(isStore ? ReplicaCondition.Intact : ReplicaCondition.Missing, await reopened.VerifyAsync(certificate.FileId));
        }
        finally
        {
            Unmount();
        }
    }

    [Fact]
    public async Task Old_quarantine_is_removed_at_opening()
    {
        await (await OpenDiskAsync()).DisposeAsync();
        var (old, recent) = (Path.Combine(Root, "quarantine", "old"), Path.Combine(Root, "quarantine", "recent"));
        File.WriteAllText(old, "");
        File.WriteAllText(recent, "");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-8));
        await (await OpenDiskAsync()).DisposeAsync();
        Assert.False(File.Exists(old));
        Assert.True(File.Exists(recent));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_directory_of_the_format_without_a_database_is_taken_over(bool interrupted)
    {
        var contents = Enumerable.Range(0, 30).Select(file => TestFiles.Content(file * 10_000 + 1, file)).ToArray();
        var certificates = contents.Select((content, file) => TestFiles.Certify(content, $"file {file}")).ToArray();
        var (partial, partialContent) = (TestFiles.Certify(TestFiles.Content(3 * Leaf), "partial"), TestFiles.Content(3 * Leaf));
        ReplicaStoreUsage usage;
        await using (var store = await OpenDiskAsync(databaseContentMax: 0))
        {
            for (var file = 0; file < contents.Length; file++)
            {
                await store.StoreAsync(certificates[file], contents[file]);
            }

            await using (var writer = await store.BeginAsync(partial))
            {
                await AppendAsync(writer, partialContent, 2);
            }

            usage = store.Usage;
        }

        // Files in these places and this line are all that the former format was.
        File.Delete(DatabasePath);
        File.WriteAllText(FormatPath, """{"format": "p2p.past.store", "version": 1}""");
        if (interrupted)
        {
            File.WriteAllText(Path.Combine(Root, "replicas.db.new"), "not finished");
        }

        await using (var store = await OpenDiskAsync())
        {
            Assert.Equal(usage, store.Usage);
            for (var file = 0; file < contents.Length; file++)
            {
                await AssertHoldsAsync(store, certificates[file], contents[file]);
            }

            await using var writer = await store.BeginAsync(partial);
            Assert.Equal(2, writer.NextLeaf);
            await AppendAsync(writer, partialContent, 3);
            await writer.CompleteAsync();
            Assert.True(await store.DeleteAsync(certificates[0].FileId));
        }

        Assert.Contains("2", File.ReadAllText(FormatPath), StringComparison.Ordinal);
        await using var reopened = await OpenDiskAsync();
        Assert.Equal(30, reopened.Usage.Count);
        await AssertHoldsAsync(reopened, partial, partialContent);
        Assert.False(reopened.Contains(certificates[0].FileId));
        Assert.Equal(0, await reopened.SweepAsync());
    }
}
