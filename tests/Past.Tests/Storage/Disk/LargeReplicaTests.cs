using P2P.Past;
using static Past.Tests.Contract.ReplicaStoreContract;

namespace Past.Tests.Storage.Disk;

/// <summary>Replicas that are files: here, all that are not empty.</summary>
public sealed class LargeReplicaTests : DiskStoreTest
{
    private const int Leaf = ContentLayout.LeafSize;

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
        Assert.Empty(Directory.GetFiles(Path.Combine(Root, "partial")));
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
        await using var store = await DiskReplicaStore.OpenAsync(
            new DiskReplicaStoreOptions { Directory = Root, CapacityBytes = 1 << 30, Time = time, PartialRetention = TimeSpan.FromHours(1), DiskThreadsMax = 1 });
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
        await store.StoreAsync(TestFiles.Certify(content, "after"), content);
        Assert.False(File.Exists(PartialOf(left)));
        Assert.True(File.Exists(PartialOf(continued)));
        await using var anew = await store.BeginAsync(left);
        Assert.Equal(0, anew.NextLeaf);
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

        Assert.NotEmpty(Quarantined());
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

    [Fact]
    public async Task What_a_crash_before_the_commit_leaves_is_completed_by_the_next_writer()
    {
        var content = TestFiles.Content(1000);
        var certificate = TestFiles.Certify(content);
        await using (var store = await OpenAsync())
        {
            await store.StoreAsync(certificate, content);
        }

        File.Move(FileOf(certificate), PartialOf(certificate));
        Sql("DELETE FROM replica");
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
    public async Task What_a_crash_between_commit_and_move_leaves_is_moved_at_opening()
    {
        var content = TestFiles.Content(1000);
        var certificate = TestFiles.Certify(content);
        await using (var store = await OpenAsync())
        {
            await store.StoreAsync(certificate, content);
        }

        File.Move(FileOf(certificate), PartialOf(certificate));
        await using var reopened = await OpenAsync();
        await AssertHoldsAsync(reopened, certificate, content);
        Assert.False(File.Exists(PartialOf(certificate)));
        Assert.Equal(0, await reopened.SweepAsync());
    }

    [Fact]
    public async Task A_file_whose_removal_a_crash_interrupted_is_removed_at_opening()
    {
        var content = TestFiles.Content(1000);
        var (deleted, anew) = (TestFiles.Certify(content, "deleted"), TestFiles.Certify(content, "deleted and stored anew"));
        await using (var store = await OpenAsync())
        {
            await store.StoreAsync(deleted, content);
            await store.StoreAsync(anew, content);
        }

        Sql("DELETE FROM replica WHERE id = $1", BytesOf(deleted.FileId));
        Sql("INSERT INTO removal (id, count) VALUES ($1, 3), ($2, 3)", BytesOf(deleted.FileId), BytesOf(anew.FileId));
        await using (var reopened = await OpenAsync())
        {
            Assert.False(File.Exists(FileOf(deleted)));
            await AssertHoldsAsync(reopened, anew, content);
            Assert.Equal(1, reopened.Usage.Count);
        }

        Assert.Equal(0, Sql("SELECT count(*) FROM removal"));
    }

    [Fact]
    public async Task A_sweep_puts_files_aside_that_belong_to_no_replica_and_leaves_strangers_alone()
    {
        var content = TestFiles.Content(1000);
        var certificate = TestFiles.Certify(content);
        await using var store = await OpenAsync();
        await store.StoreAsync(certificate, content);
        var shard = Path.Combine(Root, "replicas", "00");
        string[] orphans = [Path.Combine(shard, new string('0', 40) + ".3"), FileOf(certificate)[..^1] + "4"];
        string[] strangers =
        [
            Path.Combine(shard, "readme"),
            Path.Combine(shard, new string('1', 40) + ".3"),
            Path.Combine(shard, new string('A', 38) + "00.3"),
            Path.Combine(shard, new string('0', 40)),
            Path.Combine(shard, new string('0', 40) + ".03"),
            Path.Combine(shard, new string('0', 40) + ".65"),
            Path.Combine(shard, new string('0', 40) + ".-1"),
            Path.Combine(Root, "partial", "readme"),
        ];
        foreach (var file in orphans.Concat(strangers))
        {
            File.WriteAllText(file, "hello");
        }

        Assert.Equal(2, await store.SweepAsync());
        Assert.Equal(0, await store.SweepAsync());
        Assert.All(orphans, orphan => Assert.False(File.Exists(orphan)));
        Assert.All(strangers, stranger => Assert.True(File.Exists(stranger)));
        Assert.Equal(2, Quarantined().Length);
        await AssertHoldsAsync(store, certificate, content);
    }

    [Fact]
    public async Task A_sweep_leaves_alone_what_somebody_is_writing()
    {
        var content = TestFiles.Content(3 * Leaf);
        var (certificate, interrupted) = (TestFiles.Certify(content), TestFiles.Certify(content, "interrupted"));
        await using var store = await OpenAsync();
        await using var writer = await store.BeginAsync(certificate);
        await AppendAsync(writer, content, 2);
        await using (var other = await store.BeginAsync(interrupted))
        {
            await AppendAsync(other, content, 1);
        }

        Assert.Equal(0, await store.SweepAsync());
        await AppendAsync(writer, content, 3);
        await writer.CompleteAsync();
        await AssertHoldsAsync(store, certificate, content);
        await using var again = await store.BeginAsync(interrupted);
        Assert.Equal(1, again.NextLeaf);
    }

    [Fact]
    public async Task Garbage_in_the_place_of_a_replica_is_corrupt()
    {
        var certificate = TestFiles.Certify([1]);
        await using var store = await OpenAsync();
        await store.StoreAsync(certificate, new byte[] { 1 });
        File.WriteAllBytes(FileOf(certificate), TestFiles.Content(5000));
        Assert.Equal(ReplicaCondition.Corrupt, await store.VerifyAsync(certificate.FileId));
        Assert.False(store.Contains(certificate.FileId));
    }

    [Fact]
    public async Task A_replica_in_the_place_of_another_is_corrupt()
    {
        var (one, other) = (TestFiles.Certify([1], "one"), TestFiles.Certify([1], "other"));
        await using var store = await OpenAsync();
        await store.StoreAsync(one, new byte[] { 1 });
        await store.StoreAsync(other, new byte[] { 1 });
        File.Copy(FileOf(one), FileOf(other), overwrite: true);
        Assert.Equal(ReplicaCondition.Corrupt, await store.VerifyAsync(other.FileId));
        Assert.Equal(ReplicaCondition.Intact, await store.VerifyAsync(one.FileId));
    }

    private Task<DiskReplicaStore> OpenAsync() => OpenDiskAsync(databaseContentMax: 0);

    private async Task InterruptAsync(FileCertificate certificate, byte[] content, int leaves)
    {
        await using var store = await OpenAsync();
        await using var writer = await store.BeginAsync(certificate);
        await AppendAsync(writer, content, leaves);
    }
}
