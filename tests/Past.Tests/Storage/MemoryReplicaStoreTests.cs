using P2P.Past;
using Past.Tests.Contract;

namespace Past.Tests.Storage;

public sealed class MemoryReplicaStoreTests : ReplicaStoreContract
{
    protected override Task<IReplicaStore> OpenAsync(long capacity) => Task.FromResult<IReplicaStore>(new MemoryReplicaStore(capacity));

    protected override void Corrupt(IReplicaStore store, FileCertificate certificate, int offset) =>
        ((MemoryReplicaStore)store).Corrupt(certificate.FileId, offset);
}
