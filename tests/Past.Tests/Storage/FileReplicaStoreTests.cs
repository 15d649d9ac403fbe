using System.Diagnostics;
using System.Runtime.Versioning;
using P2P.Past;
using Past.Tests.Contract;

namespace Past.Tests.Storage;

public sealed class FileReplicaStoreTests : ReplicaStoreContract, IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"p2p-past-{Path.GetRandomFileName()}");

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    [Fact]
    public async Task Replicas_and_their_space_survive_a_restart()
    {
        var contents = Enumerable.Range(0, 20).Select(file => TestFiles.Content(file * 50_000, file)).ToArray();
        ReplicaStoreUsage usage;
        await using (var store = await OpenAsync())
        {
            foreach (var (file, content) in contents.Index())
            {
                await store.StoreAsync(TestFiles.Certify(content, $"file {file}"), content);
            }

            await store.DeleteAsync(TestFiles.Certify(contents[3], "file 3").FileId);
            usage = store.Usage;
        }

        await using var reopened = await OpenAsync();
        Assert.Equal(usage, reopened.Usage);
        Assert.Equal(19, usage.Count);
        for (var file = 0; file < 20; file++)
        {
            var certificate = TestFiles.Certify(contents[file], $"file {file}");
            Assert.Equal(file != 3, reopened.Contains(certificate.FileId));
            Assert.Equal(file != 3 ? ReplicaCondition.Intact : ReplicaCondition.Missing, await reopened.VerifyAsync(certificate.FileId));
        }
    }

    [Fact]
    public async Task An_interrupted_writing_goes_on_after_a_restart()
    {
        var content = TestFiles.Content(5 * Leaf);
        var certificate = TestFiles.Certify(content);
        await InterruptAsync(certificate, content, 3);
        await using var store = await OpenAsync();
        Assert.Equal(new FileInfo(PartialOf(certificate)).Length, store.Usage.UsedBytes);
        await using (var writer = await store.BeginAsync(certificate))
        {
            Assert.Equal(3, writer.NextLeaf);
            await AppendAsync(writer, content, 5);
            await writer.CompleteAsync();
        }

        await AssertHoldsAsync(store, certificate, content);
        Assert.Empty(Directory.GetFiles(Path.Combine(_directory, "partial")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_interrupted_writing_goes_on_before_the_first_leaf_that_did_not_reach_the_disk(int damaged)
    {
        var content = TestFiles.Content(4 * Leaf);
        var certificate = TestFiles.Certify(content);
        await InterruptAsync(certificate, content, 3);
        FlipByte(PartialOf(certificate), ReplicaFile.LeafOffset(certificate, damaged) + 99);
        await using var store = await OpenAsync();
        await using (var writer = await store.BeginAsync(certificate))
        {
            Assert.Equal(damaged, writer.NextLeaf);
            await AppendAsync(writer, content, 4);
            await writer.CompleteAsync();
        }

        await AssertHoldsAsync(store, certificate, content);
    }

    [Fact]
    public async Task A_partial_replica_that_was_cut_anywhere_is_continued_or_removed()
    {
        var content = TestFiles.Content(2 * Leaf + 50);
        var certificate = TestFiles.Certify(content);
        await InterruptAsync(certificate, content, 3);
        var partial = File.ReadAllBytes(PartialOf(certificate));
        var header = ReplicaFile.LeafHashOffset(certificate, 0);
        long[] cuts = [0, 1, 16, header - 1, header, header + 31, header + 32, header + 97, header + 96 + Leaf, header + 96 + Leaf + 1];
        foreach (var cut in cuts)
        {
            File.WriteAllBytes(PartialOf(certificate), partial[..(int)cut]);
            await using var store = await OpenAsync();
            Assert.Equal(cut >= header, store.Usage.UsedBytes > 0);
            await using var writer = await store.BeginAsync(certificate);
            Assert.Equal(cut >= header + 96 + Leaf ? 1 : 0, writer.NextLeaf);
            await AppendAsync(writer, content, 3);
            await writer.CompleteAsync();
            await AssertHoldsAsync(store, certificate, content);
            Assert.True(await store.DeleteAsync(certificate.FileId));
        }
    }

    [Fact]
    public async Task An_interrupted_replica_takes_no_more_than_what_is_written()
    {
        var content = TestFiles.Content(8 * Leaf);
        var certificate = TestFiles.Certify(content);
        await using var store = await OpenAsync();
        await using (var writer = await store.BeginAsync(certificate))
        {
            await AppendAsync(writer, content, 2);
        }

        Assert.Equal(ReplicaFile.LeafOffset(certificate, 2), store.Usage.UsedBytes);
        Assert.Equal(store.Usage.UsedBytes, new FileInfo(PartialOf(certificate)).Length);
    }

    [Fact]
    public async Task A_partial_replica_that_is_too_old_is_removed_while_the_store_is_open()
    {
        var time = new ManualTime();
        var content = TestFiles.Content(2 * Leaf);
        var (left, continued) = (TestFiles.Certify(content, "left"), TestFiles.Certify(content, "continued"));
        await using var store = await FileReplicaStore.OpenAsync(
            new FileReplicaStoreOptions { Directory = _directory, CapacityBytes = 1 << 30, Time = time, PartialRetention = TimeSpan.FromHours(1), DiskThreadsMax = 1 });
        foreach (var certificate in (FileCertificate[])[left, continued])
        {
            await using var writer = await store.BeginAsync(certificate);
            await AppendAsync(writer, content, 1);
        }

        time.Advance(TimeSpan.FromMinutes(45));
        await using (var writer = await store.BeginAsync(continued))
        {
            Assert.Equal(1, writer.NextLeaf);
        }

        time.Advance(TimeSpan.FromMinutes(45));

        // The one thread of the disk does things in order: what the clock started is done before this.
        await store.StoreAsync(TestFiles.Certify([1], "after"), new byte[] { 1 });
        Assert.False(File.Exists(PartialOf(left)));
        Assert.True(File.Exists(PartialOf(continued)));
        await using var anew = await store.BeginAsync(left);
        Assert.Equal(0, anew.NextLeaf);
    }

    [Fact]
    public async Task A_replica_under_a_name_with_another_count_is_damaged()
    {
        var certificate = TestFiles.Certify([1, 2, 3]);
        await using (var store = await OpenAsync())
        {
            await store.StoreAsync(certificate, new byte[] { 1, 2, 3 });
        }

        File.Move(FileOf(certificate), FileOf(certificate)[..^1] + "9");
        await using var reopened = await OpenAsync();
        Assert.Equal(ReplicaCondition.Corrupt, await reopened.VerifyAsync(certificate.FileId));
        Assert.False(reopened.Contains(certificate.FileId));
    }

    [Fact]
    public async Task A_partial_replica_that_is_too_old_is_removed_at_opening()
    {
        var content = TestFiles.Content(2 * Leaf);
        var certificate = TestFiles.Certify(content);
        await InterruptAsync(certificate, content, 1);
        File.SetLastWriteTimeUtc(PartialOf(certificate), DateTime.UtcNow.AddHours(-25));
        await using var store = await OpenAsync();
        Assert.Equal(0, store.Usage.UsedBytes);
        Assert.False(File.Exists(PartialOf(certificate)));
    }

    [Fact]
    public async Task What_a_crash_between_writing_and_renaming_leaves_is_completed_by_the_next_writer()
    {
        var content = TestFiles.Content(1000);
        var certificate = TestFiles.Certify(content);
        await using (var store = await OpenAsync())
        {
            await store.StoreAsync(certificate, content);
        }

        File.Move(FileOf(certificate), PartialOf(certificate));
        await using var reopened = await OpenAsync();
        Assert.False(reopened.Contains(certificate.FileId));
        await using (var writer = await reopened.BeginAsync(certificate))
        {
            Assert.Equal(1, writer.NextLeaf);
            await writer.CompleteAsync();
        }

        await AssertHoldsAsync(reopened, certificate, content);
    }

    [Fact]
    public async Task Where_a_crash_left_both_names_the_whole_replica_counts()
    {
        var content = TestFiles.Content(1000);
        var certificate = TestFiles.Certify(content);
        long used;
        await using (var store = await OpenAsync())
        {
            await store.StoreAsync(certificate, content);
            used = store.Usage.UsedBytes;
        }

        File.Copy(FileOf(certificate), PartialOf(certificate));
        await using var reopened = await OpenAsync();
        Assert.Equal((1, used), (reopened.Usage.Count, reopened.Usage.UsedBytes));
        Assert.False(File.Exists(PartialOf(certificate)));
        await AssertHoldsAsync(reopened, certificate, content);
    }

    [Fact]
    public async Task Files_that_are_no_replicas_are_left_alone()
    {
        await (await OpenAsync()).DisposeAsync();
        var shard = Path.Combine(_directory, "replicas", "00");
        string[] strangers =
        [
            Path.Combine(shard, "readme"),
            Path.Combine(shard, new string('1', 40) + ".3"),
            Path.Combine(shard, new string('A', 38) + "00.3"),
            Path.Combine(shard, new string('0', 40)),
            Path.Combine(shard, new string('0', 40) + ".03"),
            Path.Combine(shard, new string('0', 40) + ".65"),
            Path.Combine(shard, new string('0', 40) + ".-1"),
            Path.Combine(_directory, "partial", "readme"),
        ];
        foreach (var stranger in strangers)
        {
            File.WriteAllText(stranger, "hello");
        }

        await using var store = await OpenAsync();
        Assert.Equal(0, store.Usage.Count);
        Assert.All(strangers, stranger => Assert.True(File.Exists(stranger)));
    }

    [Fact]
    public async Task Every_flipped_byte_of_a_file_is_detected_and_put_aside()
    {
        var content = TestFiles.Content(40);
        var certificate = TestFiles.Certify(content);
        await using var store = await OpenAsync();
        for (var place = 0; place < ReplicaFile.LengthOf(certificate); place++)
        {
            await store.StoreAsync(certificate, content);
            FlipByte(FileOf(certificate), place);
            Assert.Equal(ReplicaCondition.Corrupt, await store.VerifyAsync(certificate.FileId));
            Assert.False(store.Contains(certificate.FileId));
        }

        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_directory, "quarantine")));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(FileOf(certificate))!));
    }

    [Fact]
    public async Task Damaged_hashes_of_large_content_are_detected_at_opening()
    {
        var content = TestFiles.Content(65 * Leaf);
        var certificate = TestFiles.Certify(content);
        await using var store = await OpenAsync();
        await store.StoreAsync(certificate, content);
        FlipByte(FileOf(certificate), ReplicaFile.LeafHashOffset(certificate, 64));
        await Assert.ThrowsAsync<ReplicaCorruptException>(async () => await store.OpenReadAsync(certificate.FileId));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(-1000)]
    public async Task A_replica_of_another_length_is_corrupt(int change)
    {
        var content = TestFiles.Content(1000);
        var certificate = TestFiles.Certify(content);
        await using (var store = await OpenAsync())
        {
            await store.StoreAsync(certificate, content);
        }

        using (var file = File.OpenWrite(FileOf(certificate)))
        {
            file.SetLength(file.Length + change);
        }

        await using var reopened = await OpenAsync();
        await Assert.ThrowsAsync<ReplicaCorruptException>(async () => await reopened.OpenReadAsync(certificate.FileId));
        Assert.Equal(ReplicaCondition.Corrupt, await reopened.VerifyAsync(certificate.FileId));
    }

    [Fact]
    public async Task Garbage_under_the_name_of_a_replica_is_corrupt()
    {
        await (await OpenAsync()).DisposeAsync();
        var certificate = TestFiles.Certify([1]);
        File.WriteAllBytes(FileOf(certificate), TestFiles.Content(5000));
        await using var store = await OpenAsync();
        Assert.True(store.Contains(certificate.FileId));
        Assert.Equal(ReplicaCondition.Corrupt, await store.VerifyAsync(certificate.FileId));
    }

    [Fact]
    public async Task A_replica_under_another_files_name_is_corrupt()
    {
        var certificate = TestFiles.Certify([1], "one");
        var other = TestFiles.Certify([1], "other");
        await using (var store = await OpenAsync())
        {
            await store.StoreAsync(certificate, new byte[] { 1 });
        }

        File.Move(FileOf(certificate), FileOf(other));
        await using var reopened = await OpenAsync();
        Assert.Equal(ReplicaCondition.Corrupt, await reopened.VerifyAsync(other.FileId));
    }

    [Fact]
    public async Task A_file_that_somebody_removed_is_missing()
    {
        var content = TestFiles.Content(10);
        var certificate = TestFiles.Certify(content);
        await using var store = await OpenAsync();
        await store.StoreAsync(certificate, content);
        File.Delete(FileOf(certificate));
        Assert.Equal(ReplicaCondition.Missing, await store.VerifyAsync(certificate.FileId));
        Assert.False(store.Contains(certificate.FileId));
        Assert.Equal(0, store.Usage.UsedBytes);
        await store.StoreAsync(certificate, content);
    }

    [Fact]
    public async Task Old_quarantine_is_removed_at_opening()
    {
        await (await OpenAsync()).DisposeAsync();
        var (old, recent) = (Path.Combine(_directory, "quarantine", "old"), Path.Combine(_directory, "quarantine", "recent"));
        File.WriteAllText(old, "");
        File.WriteAllText(recent, "");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-8));
        await (await OpenAsync()).DisposeAsync();
        Assert.False(File.Exists(old));
        Assert.True(File.Exists(recent));
    }

    [Fact]
    public async Task A_directory_that_is_open_is_refused_to_others()
    {
        await using (await OpenAsync())
        {
            var failure = await Assert.ThrowsAsync<PastException>(() => OpenAsync());
            Assert.Contains("open already", failure.Message);
            Assert.Contains(_directory, failure.Message);
        }

        await (await OpenAsync()).DisposeAsync();
    }

    [Fact]
    public async Task A_newer_format_is_refused()
    {
        await (await OpenAsync()).DisposeAsync();
        File.WriteAllText(Path.Combine(_directory, "store.json"), """{"format": "p2p.past.store", "version": 2}""");
        var failure = await Assert.ThrowsAsync<PastException>(() => OpenAsync());
        Assert.Contains("newer", failure.Message);
        Assert.Contains("format 2", failure.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"format": "something else", "version": 1}""")]
    [InlineData("""{"format": "p2p.past.store", "version": "one"}""")]
    public async Task A_file_that_describes_no_store_is_refused(string json)
    {
        await (await OpenAsync()).DisposeAsync();
        File.WriteAllText(Path.Combine(_directory, "store.json"), json);
        Assert.Contains("store.json", (await Assert.ThrowsAsync<PastException>(() => OpenAsync())).Message);
    }

    [Fact]
    public async Task A_directory_with_other_things_is_refused()
    {
        Directory.CreateDirectory(_directory);
        File.WriteAllText(Path.Combine(_directory, "letter.txt"), "Dear");
        var failure = await Assert.ThrowsAsync<PastException>(() => OpenAsync());
        Assert.Contains("letter.txt", failure.Message);
        Assert.Single(Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public async Task A_directory_whose_creation_was_interrupted_is_created_in_full()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "replicas", "00"));
        File.WriteAllText(Path.Combine(_directory, "store.json.tmp"), "{");
        await using var store = await OpenAsync();
        await store.StoreAsync(TestFiles.Certify([1]), new byte[] { 1 });
    }

    [Theory]
    [InlineData("under a file")]
    [InlineData("/proc/p2p-past")]
    public async Task A_path_that_can_be_no_directory_is_named(string path)
    {
        Directory.CreateDirectory(_directory);
        var file = Path.Combine(_directory, "under a file");
        File.WriteAllText(file, "");
        path = path.StartsWith('/') ? path : Path.Combine(file, "store");
        var failure = await Assert.ThrowsAsync<PastException>(
            () => FileReplicaStore.OpenAsync(new FileReplicaStoreOptions { Directory = path, CapacityBytes = 1000 }));
        Assert.Contains(path, failure.Message);
        Assert.Contains("Choose", failure.Message);
    }

    [SkippableFact]
    public async Task A_full_disk_is_told_as_such_and_leaves_nothing()
    {
        Directory.CreateDirectory(_directory);
        Skip.IfNot(
            OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", _directory),
            "Only where a small file system can be mounted is there a disk to be filled.");
        try
        {
            await using var store = await OpenAsync();
            var content = TestFiles.Content(6 * 1024 * 1024);
            var certificate = TestFiles.Certify(content);
            await Assert.ThrowsAsync<ReplicaStoreFullException>(async () => await store.StoreAsync(certificate, content));
            await using (var writer = await store.BeginAsync(certificate))
            {
                await Assert.ThrowsAsync<ReplicaStoreFullException>(() => AppendAsync(writer, content, 24));
                await writer.DiscardAsync();
            }

            Assert.Equal(0, store.Usage.UsedBytes);
            var small = TestFiles.Content(1024 * 1024);
            await store.StoreAsync(TestFiles.Certify(small, "small"), small);
        }
        finally
        {
            Assert.True(Run("umount", _directory));
        }
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public async Task Only_the_owner_may_read()
    {
        Skip.If(OperatingSystem.IsWindows(), "Rights are inherited there.");
        var content = TestFiles.Content(2 * Leaf);
        var certificate = TestFiles.Certify(content);
        await using var store = await OpenAsync();
        await store.StoreAsync(certificate, content);
        await using (var writer = await store.BeginAsync(TestFiles.Certify(content, "other")))
        {
            await AppendAsync(writer, content, 1);
        }

        const UnixFileMode Others = (UnixFileMode)0x3f;
        Assert.All(
            Directory.GetFileSystemEntries(_directory, "*", SearchOption.AllDirectories).Append(_directory),
            entry => Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(entry) & Others));
    }

    [Fact]
    public async Task A_writer_that_outlives_its_store_touches_nothing_any_more()
    {
        var content = TestFiles.Content(2 * Leaf);
        var certificate = TestFiles.Certify(content);
        var store = await OpenAsync();
        var writer = await store.BeginAsync(certificate);
        await AppendAsync(writer, content, 1);
        await store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await writer.AppendAsync(ContentLeaf.Compute(1, content.AsMemory(Leaf))));
        await writer.DiscardAsync();
        await using var reopened = await OpenAsync();
        await using var again = await reopened.BeginAsync(certificate);
        Assert.Equal(1, again.NextLeaf);
    }

    protected override async Task<IReplicaStore> OpenAsync(long capacity = 1L << 30) =>
        await FileReplicaStore.OpenAsync(new FileReplicaStoreOptions { Directory = _directory, CapacityBytes = capacity });

    protected override void Corrupt(IReplicaStore store, FileCertificate certificate, int offset) =>
        FlipByte(FileOf(certificate), ReplicaFile.LeafOffset(certificate, 0) + offset);

    private static void FlipByte(string path, long offset)
    {
        using var file = File.Open(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = offset;
        var value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 0x04));
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private async Task InterruptAsync(FileCertificate certificate, byte[] content, int leaves)
    {
        await using var store = await OpenAsync();
        await using var writer = await store.BeginAsync(certificate);
        await AppendAsync(writer, content, leaves);
    }

    private string FileOf(FileCertificate certificate) =>
        Path.Combine(_directory, "replicas", certificate.FileId.ToString()[^2..], $"{certificate.FileId}.{certificate.ReplicaCount}");

    private string PartialOf(FileCertificate certificate) => Path.Combine(_directory, "partial", certificate.FileId.ToString());
}
