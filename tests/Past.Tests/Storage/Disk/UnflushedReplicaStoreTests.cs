using P2P.Past;
using Past.Tests.Contract;

namespace Past.Tests.Storage.Disk;

/// <summary>A store that waits for no flush keeps the same contract, and the same directory, as long as the machine runs.</summary>
public sealed class UnflushedReplicaStoreTests : ReplicaStoreContract, IDisposable
{
    private readonly Place _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task What_was_stored_is_there_when_the_store_is_opened_again_as_a_durable_one()
    {
        var (small, large) = (TestFiles.Content(1_000), TestFiles.Content(100_000));
        await using (var store = await OpenAsync())
        {
            await store.StoreAsync(TestFiles.Certify(small, "small"), small);
            await store.StoreAsync(TestFiles.Certify(large, "large"), large);
        }

        await using var reopened = await _place.OpenAsync(1L << 30, isDurable: true);
        Assert.Equal(ReplicaCondition.Intact, await reopened.VerifyAsync(TestFiles.Certify(small, "small").FileId));
        Assert.Equal(ReplicaCondition.Intact, await reopened.VerifyAsync(TestFiles.Certify(large, "large").FileId));
    }

    protected override async Task<IReplicaStore> OpenAsync(long capacity = 1L << 30) => await _place.OpenAsync(capacity, isDurable: false);

    protected override void Corrupt(IReplicaStore store, FileCertificate certificate, int offset) => _place.Corrupt(certificate, offset);

    /// <summary>Is the directory of the store; the contract takes the place of a base class.</summary>
    private sealed class Place : DiskStoreTest
    {
        public Task<DiskReplicaStore> OpenAsync(long capacity, bool isDurable)
        {
            // All that is not empty is a file, so that the files' flushes are left out as well as the database's.
            var options = Options(databaseContentMax: 0);
            options.CapacityBytes = capacity;
            options.IsDurable = isDurable;
            return DiskReplicaStore.OpenAsync(options);
        }

        public void Corrupt(FileCertificate certificate, int offset) => FlipByte(FileOf(certificate), ReplicaFile.LeafOffset(certificate, 0) + offset);
    }
}
