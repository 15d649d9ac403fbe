using P2P.Past;
using Past.Tests.Contract;

namespace Architecture.Tests.Seams;

/// <summary>A replica store that was written outside of the package keeps the contract of all stores.</summary>
public sealed class OwnReplicaStoreTests : ReplicaStoreContract
{
    protected override Task<IReplicaStore> OpenAsync(long capacity = 1L << 30) => Task.FromResult<IReplicaStore>(new OwnReplicaStore(capacity));

    protected override void Corrupt(IReplicaStore store, FileCertificate certificate, int offset) =>
        ((OwnReplicaStore)store).Corrupt(certificate.FileId, offset);
}
