using System.Runtime.Versioning;
using P2P.Past;
using Past.Tests.Contract;

namespace Past.Tests.Storage.Disk;

public sealed class DiskReplicaStoreTests : ReplicaStoreContract, IDisposable
{
    private readonly Place _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task Replicas_and_their_space_survive_a_restart()
    {
        var contents = Enumerable.Range(0, 20).Select(file => TestFiles.Content(file * 20_000, file)).ToArray();
        ReplicaStoreUsage usage;
        await using (var store = await OpenAsync())
        {
            foreach (var (file, content) in contents.Index())
            {
                await store.StoreAsync(TestFiles.Certify(content, $"file {file}"), content);
            }

            await store.DeleteAsync(TestFiles.Certify(contents[3], "file 3").FileId);
            await store.DeleteAsync(TestFiles.Certify(contents[13], "file 13").FileId);
            usage = store.Usage;
        }

        await using var reopened = await OpenAsync();
        Assert.Equal(usage, reopened.Usage);
        Assert.Equal(18, usage.Count);
        for (var file = 0; file < 20; file++)
        {
            var certificate = TestFiles.Certify(contents[file], $"file {file}");
            var isStored = file is not (3 or 13);
            Assert.Equal(isStored, reopened.Contains(certificate.FileId));
            Assert.Equal(isStored ? ReplicaCondition.Intact : ReplicaCondition.Missing, await reopened.VerifyAsync(certificate.FileId));
        }

        Assert.Equal(0, await reopened.SweepAsync());
    }

    [Fact]
    public async Task What_was_taken_back_first_is_forgotten_first_also_after_a_restart_and_with_a_lower_bound()
    {
        var files = Enumerable.Range(0, 6).Select(file => TestFiles.Certify([1], $"file {file}")).ToArray();
        await using (var store = await OpenAsync())
        {
            await store.StoreAsync(files[0], new byte[] { 1 });
            for (var file = 0; file < 5; file++)
            {
                await store.ReclaimAsync(TestFiles.TakeBack(files[file]), TestFiles.Created.AddSeconds(file));
            }
        }

        await using (var store = await _place.OpenAsync(reclaimsMax: 3))
        {
            await store.ReclaimAsync(TestFiles.TakeBack(files[5]), TestFiles.Created);
            Assert.Equal([true, false, false, false, true, true], files.Select(file => store.IsReclaimed(file.FileId)));
        }

        await using var again = await OpenAsync();
        Assert.Equal([true, false, false, false, true, true], files.Select(file => again.IsReclaimed(file.FileId)));
    }

    [Fact]
    public async Task What_was_never_held_is_not_remembered_at_the_reserve_s_cost()
    {
        var (held, never) = (TestFiles.Certify([1], "held"), TestFiles.Certify([1], "never held"));
        await using (var store = await OpenAsync())
        {
            await store.StoreAsync(held, new byte[] { 1 });
        }

        await using var full = await _place.OpenAsync(reserve: long.MaxValue);
        await Assert.ThrowsAsync<ReplicaStoreFullException>(() => full.ReclaimAsync(TestFiles.TakeBack(never), TestFiles.Created).AsTask());
        Assert.False(full.IsReclaimed(never.FileId));
        Assert.Equal(1, (await full.ReclaimAsync(TestFiles.TakeBack(held), TestFiles.Created)).FreedBytes);
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public async Task Content_up_to_a_length_lies_in_the_database_and_longer_is_a_file(int more, bool isFile)
    {
        var content = TestFiles.Content(new DiskReplicaStoreOptions { Directory = "", CapacityBytes = 0 }.DatabaseContentMax + more);
        var (stored, written) = (TestFiles.Certify(content, "stored"), TestFiles.Certify(content, "written"));
        await using var store = await OpenAsync();
        await store.StoreAsync(stored, content);
        await using (var writer = await store.BeginAsync(written))
        {
            await AppendAsync(writer, content, 1);
            await writer.CompleteAsync();
        }

        await AssertHoldsAsync(store, stored, content);
        await AssertHoldsAsync(store, written, content);
        Assert.Equal(isFile ? 2 : 0, _place.FileCount);
    }

    [Fact]
    public async Task What_is_stored_stays_where_it_is_when_the_length_changes()
    {
        var content = TestFiles.Content(1000);
        var (file, row) = (TestFiles.Certify(content, "file"), TestFiles.Certify(content, "row"));
        await using (var store = await _place.OpenAsync(databaseContentMax: 0))
        {
            await store.StoreAsync(file, content);
        }

        await using (var store = await _place.OpenAsync())
        {
            await store.StoreAsync(row, content);
            await AssertHoldsAsync(store, file, content);
        }

        await using var again = await _place.OpenAsync(databaseContentMax: 0);
        await AssertHoldsAsync(again, file, content);
        await AssertHoldsAsync(again, row, content);
        Assert.True(await again.DeleteAsync(row.FileId));
        Assert.True(await again.DeleteAsync(file.FileId));
        Assert.Equal((0, 0), (_place.FileCount, await again.SweepAsync()));
    }

    [Fact]
    public async Task Readers_are_not_disturbed_by_those_who_delete_and_store()
    {
        await using var store = await OpenAsync();
        var contents = Enumerable.Range(0, 8).Select(file => TestFiles.Content(file % 2 == 0 ? 3_000 : 90_000, file)).ToArray();
        var certificates = contents.Select((content, file) => TestFiles.Certify(content, $"file {file}")).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(file => Task.Run(async () =>
        {
            for (var round = 0; round < 25; round++)
            {
                await store.StoreAsync(certificates[file], contents[file]);
                await using var open = (await store.OpenReadAsync(certificates[file].FileId))!;
                var deleting = store.DeleteAsync(certificates[file].FileId);
                var read = new byte[contents[file].Length];
                await open.ReadLeafAsync(0, read);
                Assert.True(contents[file].AsSpan().SequenceEqual(read));
                Assert.True(await deleting);

                // Others' replicas are whole or absent, never something else.
                Assert.NotEqual(ReplicaCondition.Corrupt, await store.VerifyAsync(certificates[(file + 1) % 8].FileId));
            }
        })));
        Assert.Equal((0, 0L), (store.Usage.Count, store.Usage.UsedBytes));
        Assert.Equal((0, 0), (_place.FileCount, await store.SweepAsync()));
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public async Task Only_the_owner_may_read()
    {
        Skip.If(OperatingSystem.IsWindows(), "Rights are inherited there.");
        var content = TestFiles.Content(2 * Leaf);
        await using var store = await OpenAsync();
        await store.StoreAsync(TestFiles.Certify(content), content);
        await store.StoreAsync(TestFiles.Certify([1], "small"), new byte[] { 1 });
        await using (var writer = await store.BeginAsync(TestFiles.Certify(content, "other")))
        {
            await AppendAsync(writer, content, 1);
        }

        const UnixFileMode Others = (UnixFileMode)0x3f;
        Assert.All(
            Directory.GetFileSystemEntries(_place.Directory, "*", SearchOption.AllDirectories).Append(_place.Directory),
            entry => Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(entry) & Others));
    }

    protected override async Task<IReplicaStore> OpenAsync(long capacity = 1L << 30) => await _place.OpenAsync(capacity: capacity);

    protected override async Task<IReplicaStore?> OpenRememberingAsync(int reclaimsMax) => await _place.OpenAsync(reclaimsMax: reclaimsMax);

    protected override void Corrupt(IReplicaStore store, FileCertificate certificate, int offset) => _place.Corrupt(certificate, offset);

    /// <summary>Is the directory of the store; the contract takes the place of a base class.</summary>
    private sealed class Place : DiskStoreTest
    {
        public string Directory => Root;

        public int FileCount => Replicas().Length;

        public Task<DiskReplicaStore> OpenAsync(int? databaseContentMax = null, long capacity = 1L << 30, int? reclaimsMax = null, long reserve = 0)
        {
            var options = Options(databaseContentMax);
            options.ReclaimsMax = reclaimsMax ?? options.ReclaimsMax;
            options.DiskReserveBytes = reserve;
            options.CapacityBytes = capacity;
            return DiskReplicaStore.OpenAsync(options);
        }

        public void Corrupt(FileCertificate certificate, int offset) => FlipByte(FileOf(certificate), ReplicaFile.LeafOffset(certificate, 0) + offset);
    }
}
