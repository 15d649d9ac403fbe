using P2P.Past;
using static Past.Tests.Contract.ReplicaStoreContract;

namespace Past.Tests.Storage.Disk;

/// <summary>Disks that are full: small file systems, where the machine lets one be mounted.</summary>
public sealed class FullDiskTests : DiskStoreTest
{
    private static readonly NumberedFiles Files = new(_ => 2000);

    [SkippableFact]
    public async Task A_large_replica_that_fills_the_disk_is_told_as_such_and_leaves_nothing()
    {
        Mount("4m");
        try
        {
            await using var store = await OpenDiskAsync();
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
            Unmount();
        }
    }

    [SkippableFact]
    public async Task Small_replicas_that_fill_the_disk_are_told_as_such_and_those_stored_before_stay()
    {
        Mount("6m");
        try
        {
            var ballast = Path.Combine(Root, "lost+found");
            File.WriteAllBytes(ballast, new byte[3 << 20]);
            var stored = 0;
            await using (var store = await OpenDiskAsync())
            {
                await Assert.ThrowsAsync<ReplicaStoreFullException>(async () =>
                {
                    for (; ; stored++)
                    {
                        await store.StoreAsync(Files.Certify(stored), Files.Content(stored));
                    }
                });
                Assert.InRange(stored, 50, 2000);
                Assert.Equal(stored, store.Usage.Count);
                await AssertHoldAsync(store, stored);
                Assert.Null(await store.OpenReadAsync(Files.Certify(stored).FileId));

                // Room comes back, and the store goes on by itself.
                File.Delete(ballast);
                await store.StoreAsync(Files.Certify(stored), Files.Content(stored));
                stored++;
            }

            await using var reopened = await OpenDiskAsync();
            await AssertHoldAsync(reopened, stored);
            Assert.Equal((stored, 0), (reopened.Usage.Count, await reopened.SweepAsync()));
        }
        finally
        {
            Unmount();
        }
    }

    [SkippableFact]
    public async Task What_is_kept_in_reserve_lets_a_full_store_delete()
    {
        Mount("64m");
        try
        {
            var options = Options();
            options.DiskReserveBytes = 36 << 20;
            await using var store = await DiskReplicaStore.OpenAsync(options);
            var stored = 0;
            var content = TestFiles.Content(60_000);
            await Assert.ThrowsAsync<ReplicaStoreFullException>(async () =>
            {
                for (; ; stored++)
                {
                    await store.StoreAsync(TestFiles.Certify(content, $"{stored}"), content);
                }
            });
            Assert.InRange(stored, 100, 600);
            var large = TestFiles.Content(1 << 20);
            var refused = await Assert.ThrowsAsync<ReplicaStoreFullException>(async () => await store.BeginAsync(TestFiles.Certify(large, "large")));
            Assert.Contains("reserve", refused.Message, StringComparison.Ordinal);
            for (var file = 0; file < stored; file++)
            {
                Assert.True(await store.DeleteAsync(TestFiles.Certify(content, $"{file}").FileId));
            }

            Assert.Equal((0, 0L), (store.Usage.Count, store.Usage.UsedBytes));
        }
        finally
        {
            Unmount();
        }
    }

    private static async Task AssertHoldAsync(DiskReplicaStore store, int count)
    {
        for (var file = 0; file < count; file++)
        {
            await AssertHoldsAsync(store, Files.Certify(file), Files.Content(file));
        }
    }
}
