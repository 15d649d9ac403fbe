using P2P.Past;
using P2P.Pastry;

namespace Consumer.Seams;

public sealed class ReplicaStoreTests
{
    [Fact]
    public async Task Nodes_keep_what_a_store_of_one_s_own_takes_and_no_more()
    {
        using var patience = new Patience();
        using var friend = SigningKey.Create();
        using var stranger = SigningKey.Create();
        await using var ring = await Ring<PastStore>.StartAsync(
            3, () => new PastStore(new() { Replicas = new OneOwnersStore(new MemoryReplicaStore(1 << 24), friend.PublicKey) }), patience);

        var stored = Assert.IsType<InsertResult.Stored>(await ring.Modules[0].InsertAsync("a file", friend, "kept"u8.ToArray(), cancellationToken: patience));
        Assert.IsType<LookupResult.Found>(await ring.Modules[2].LookupAsync(stored.FileId, patience));
        var refused = Assert.IsType<InsertResult.Refused>(await ring.Modules[0].InsertAsync("a file", stranger, "not kept"u8.ToArray(), cancellationToken: patience));
        Assert.Equal(StoreRefusal.NoRoom, refused.Reason);
    }
}
