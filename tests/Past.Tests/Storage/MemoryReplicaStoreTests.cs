using P2P.Past;
using Past.Tests.Contract;

namespace Past.Tests.Storage;

public sealed class MemoryReplicaStoreTests : ReplicaStoreContract
{
    protected override Task<IReplicaStore> OpenAsync(long capacity) => Task.FromResult<IReplicaStore>(new MemoryReplicaStore(capacity));

    protected override Task<IReplicaStore?> OpenRememberingAsync(int reclaimsMax) => Task.FromResult<IReplicaStore?>(new MemoryReplicaStore(1 << 20, reclaimsMax));

    protected override void Corrupt(IReplicaStore store, FileCertificate certificate, int offset) =>
        ((MemoryReplicaStore)store).Corrupt(certificate.FileId, offset);
}
