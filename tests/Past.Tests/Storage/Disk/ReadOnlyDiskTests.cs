using P2P.Past;
using static Past.Tests.Contract.ReplicaStoreContract;

namespace Past.Tests.Storage.Disk;

/// <summary>Disks that turn read-only while a store is open, which is what Linux makes of one that fails.</summary>
public sealed class ReadOnlyDiskTests : DiskStoreTest
{
    private const int LargeLength = 100_000;

    private static readonly NumberedFiles Files = new(file => file % 2 == 0 ? 2000 : LargeLength);

    [SkippableFact]
    public async Task A_store_whose_disk_turns_read_only_refuses_to_change_and_gives_what_it_has()
    {
        MountFailing();
        try
        {
            await using var store = await OpenDiskAsync();
            for (var file = 0; file < 20; file++)
            {
                await store.StoreAsync(Files.Certify(file), Files.Content(file));
            }

            TurnReadOnly();
            for (var file = 20; file < 24; file++)
            {
                var refused = await Assert.ThrowsAnyAsync<PastException>(async () => await store.StoreAsync(Files.Certify(file), Files.Content(file)));
                Assert.Contains(Root, refused.Message, StringComparison.Ordinal);
                Assert.False(store.Contains(Files.Certify(file).FileId));
            }

            // A replica in the database can't be taken out of it, so it is there as before.
            await Assert.ThrowsAnyAsync<PastException>(async () => await store.DeleteAsync(Files.Certify(0).FileId));
            for (var file = 0; file < 20; file++)
            {
                await AssertHoldsAsync(store, Files.Certify(file), Files.Content(file));
            }

            Assert.Equal(20, store.Usage.Count);
        }
        finally
        {
            Unmount();
        }
    }

    [SkippableFact]
    public async Task A_directory_that_can_not_be_written_is_told_with_its_name()
    {
        MountFailing();
        try
        {
            TurnReadOnly();
            var refused = await Assert.ThrowsAnyAsync<PastException>(OpenAsync);
            Assert.Contains(Root, refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            Unmount();
        }

        async Task OpenAsync() => await (await OpenDiskAsync()).DisposeAsync();
    }
}
