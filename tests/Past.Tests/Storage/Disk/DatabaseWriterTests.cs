using P2P.Past;

namespace Past.Tests.Storage.Disk;

public sealed class DatabaseWriterTests : DiskStoreTest
{
    [Fact]
    public async Task Room_that_deletions_leave_is_given_back_to_the_disk()
    {
        const int Count = 300;
        var files = new NumberedFiles(_ => 60_000);
        await using (var store = await OpenDiskAsync())
        {
            await Task.WhenAll(Enumerable.Range(0, Count).Select(file => store.StoreAsync(files.Certify(file), files.Content(file)).AsTask()));
        }

        Assert.InRange(new FileInfo(DatabasePath).Length, Count * 60_000, long.MaxValue);
        using (var writer = new DatabaseWriter(DatabaseFile.OpenForWriting(DatabasePath, new StorageFailure(Root))))
        {
            for (var number = 2; number <= Count; number++)
            {
                writer.Remove(number);
            }

            while (writer.Shrink())
            {
            }
        }

        Assert.InRange(new FileInfo(DatabasePath).Length, 60_000, 6_000_000);
        await using var reopened = await OpenDiskAsync();
        var left = new StoredReplica[2];
        Assert.Equal(1, reopened.List(KeyRange.All, null, left));
        Assert.Equal(ReplicaCondition.Intact, await reopened.VerifyAsync(left[0].FileId));
    }
}
