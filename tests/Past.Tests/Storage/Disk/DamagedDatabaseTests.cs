using P2P.Past;
using static Past.Tests.Contract.ReplicaStoreContract;

namespace Past.Tests.Storage.Disk;

/// <summary>What a store does when its database is damaged, lost or torn.</summary>
public sealed class DamagedDatabaseTests : DiskStoreTest
{
    private const int Count = 400;
    private const int LargeCount = 4;
    private const int Page = 4096;

    private static readonly NumberedFiles Files = new(file => file < Count ? 500 + file * 7 : 70_000 + file);

    private string LogPath => DatabasePath + "-wal";

    [Fact]
    public async Task A_lost_database_is_made_anew_from_the_files()
    {
        await FillAsync();
        File.Delete(DatabasePath);
        await using var store = await OpenDiskAsync();
        Assert.Equal(LargeCount, store.Usage.Count);
        await AssertLargeAreIntactAsync(store);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("empty")]
    [InlineData("another program's")]
    public async Task What_is_no_database_of_a_store_is_named_and_files_survive_it(string what)
    {
        await FillAsync();
        switch (what)
        {
            case "garbage":
                File.WriteAllBytes(DatabasePath, TestFiles.Content(20_000));
                break;
            case "empty":
                File.WriteAllBytes(DatabasePath, []);
                break;
            default:
                Sql("PRAGMA application_id = 1");
                break;
        }

        var failure = await Assert.ThrowsAsync<PastException>(() => OpenDiskAsync());
        Assert.Contains(Root, failure.Message);
        Assert.Contains("Rebuild", failure.Message);
        await using (var store = await OpenDiskAsync(rebuild: true))
        {
            await AssertLargeAreIntactAsync(store);
            Assert.Equal(what == "another program's" ? Count + LargeCount : LargeCount, store.Usage.Count);
            Assert.Equal(0, await store.SweepAsync());
        }

        Assert.Contains(Quarantined(), aside => Path.GetFileName(aside).StartsWith("replicas.db", StringComparison.Ordinal));
        await using var reopened = await OpenDiskAsync();
        await AssertLargeAreIntactAsync(reopened);
    }

    [Fact]
    public async Task A_damaged_index_is_made_anew_from_what_it_was_the_index_of()
    {
        await FillAsync();
        var root = Sql("SELECT rootpage FROM sqlite_schema WHERE name = 'replica'");
        Overwrite(DatabasePath, (root - 1) * Page, Page);
        Assert.Contains("Rebuild", (await Assert.ThrowsAsync<PastException>(() => OpenDiskAsync())).Message);
        await using var store = await OpenDiskAsync(rebuild: true);
        await AssertAllAreIntactAsync(store);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Wherever_pages_are_damaged_nothing_wrong_is_given_out_and_what_can_be_read_is_kept(int seed)
    {
        await FillAsync();
        var random = new Random(seed);
        var original = File.ReadAllBytes(DatabasePath);
        for (var round = 0; round < 8; round++)
        {
            File.WriteAllBytes(DatabasePath, original);
            for (var hit = 0; hit <= round % 3; hit++)
            {
                Overwrite(DatabasePath, random.Next(original.Length / Page) * Page + random.Next(Page), random.Next(1, 3000));
            }

            try
            {
                await using var store = await OpenDiskAsync();
                await VerifyAllAsync(store);
                _ = await store.SweepAsync();
            }
            catch (PastException exception)
            {
                Assert.Contains("damaged", exception.Message);
                Assert.Contains("Rebuild", exception.Message);
            }

            await using var rebuilt = await OpenDiskAsync(rebuild: true);
            await AssertLargeAreIntactAsync(rebuilt);
            await VerifyAllAsync(rebuilt);
            Assert.InRange(rebuilt.Usage.Count, LargeCount, Count + LargeCount);
            Assert.Equal(0, await rebuilt.SweepAsync());
        }
    }

    [Fact]
    public async Task A_rebuilding_that_was_interrupted_is_finished_or_begun_again()
    {
        await FillAsync();
        var original = File.ReadAllBytes(DatabasePath);
        var finished = DatabasePath + ".rebuilt";

        // Before the new one was finished, the old one still counts.
        File.WriteAllText(DatabasePath + ".new", "half of it");
        await using (var store = await OpenDiskAsync())
        {
            await AssertAllAreIntactAsync(store);
        }

        // It is finished, but the old one is not yet aside.
        File.WriteAllBytes(finished, original);
        File.WriteAllText(DatabasePath, "damaged");
        File.WriteAllText(LogPath, "of the damaged one");
        await using (var store = await OpenDiskAsync())
        {
            await AssertAllAreIntactAsync(store);
        }

        // The old one is aside, and nothing in its place.
        File.Move(DatabasePath, finished);
        await using var reopened = await OpenDiskAsync();
        await AssertAllAreIntactAsync(reopened);
        Assert.False(File.Exists(finished));
    }

    [Fact]
    public async Task Of_a_torn_log_all_that_was_stored_before_the_tear_is_there()
    {
        const int Stored = 40;
        byte[] database, log;
        await using (var store = await OpenDiskAsync())
        {
            for (var file = 0; file < Stored; file++)
            {
                await store.StoreAsync(Files.Certify(file), Files.Content(file));
            }

            // What a disk holds that loses its power now, if the last flush did not come to its end.
            (database, log) = (Read(DatabasePath), Read(LogPath));
        }

        var random = new Random(5);
        foreach (var (tear, flipped) in Enumerable.Range(0, 24).Select(round => (round == 0 ? log.Length : random.Next(log.Length), round % 2 == 1)))
        {
            File.WriteAllBytes(DatabasePath, database);
            File.WriteAllBytes(LogPath, log[..(flipped ? log.Length : tear)]);
            if (flipped)
            {
                FlipByte(LogPath, tear);
            }

            await using var store = await OpenDiskAsync();
            var count = store.Usage.Count;
            Assert.True(tear < log.Length || count == Stored, $"{count} of {Stored} are there of a log that is whole.");
            for (var file = 0; file < Stored; file++)
            {
                Assert.Equal(file < count ? ReplicaCondition.Intact : ReplicaCondition.Missing, await store.VerifyAsync(Files.Certify(file).FileId));
            }

            Assert.Equal(0, await store.SweepAsync());
            await store.StoreAsync(Files.Certify(Stored), Files.Content(Stored));
        }
    }

    private static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static void Overwrite(string path, long offset, int length)
    {
        using var file = File.Open(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = offset;
        file.Write(TestFiles.Content((int)Math.Min(length, file.Length - offset), (int)offset));
    }

    private async Task FillAsync()
    {
        await using var store = await OpenDiskAsync();
        await Task.WhenAll(Enumerable.Range(0, Count + LargeCount).Select(file => store.StoreAsync(Files.Certify(file), Files.Content(file)).AsTask()));
    }

    private static async Task AssertAllAreIntactAsync(DiskReplicaStore store)
    {
        Assert.Equal(Count + LargeCount, store.Usage.Count);
        for (var file = 0; file < Count + LargeCount; file++)
        {
            await AssertHoldsAsync(store, Files.Certify(file), Files.Content(file));
        }
    }

    private static async Task AssertLargeAreIntactAsync(DiskReplicaStore store)
    {
        for (var file = Count; file < Count + LargeCount; file++)
        {
            await AssertHoldsAsync(store, Files.Certify(file), Files.Content(file));
        }
    }

    /// <summary>Reads everything; what is damaged is found to be.</summary>
    private static async Task VerifyAllAsync(DiskReplicaStore store)
    {
        var all = new StoredReplica[Count + LargeCount];
        foreach (var replica in all[..store.List(KeyRange.All, null, all)])
        {
            await store.VerifyAsync(replica.FileId);
        }
    }
}
