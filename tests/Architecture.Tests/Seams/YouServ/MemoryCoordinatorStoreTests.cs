using P2P.YouServ;
using YouServ.Tests.Storage;

namespace Architecture.Tests.Seams.YouServ;

/// <summary>A store of one's own is held to what the package's are held to: the class with the tests is there to be copied.</summary>
public sealed class MemoryCoordinatorStoreTests : CoordinatorStoreTests
{
    private readonly MemoryCoordinatorStore.Memory _memory = new();

    protected override Task<ICoordinatorStore> OpenAsync() => Task.FromResult<ICoordinatorStore>(new MemoryCoordinatorStore(_memory, TimeProvider.System));
}
