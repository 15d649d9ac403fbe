using P2P.Past;
using P2P.Pastry;

namespace Consumer.Seams;

public sealed class TransportTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(500_000)]
    public async Task A_ring_and_its_archive_live_on_a_transport_of_one_s_own(int length)
    {
        using var patience = new Patience();
        using var owner = SigningKey.Create();
        var network = new ChannelNetwork();
        await using var ring = await Ring<PastStore>.StartAsync(4, () => new PastStore(new() { Replicas = new MemoryReplicaStore(1 << 24) }), patience, network.NewTransport);

        var stored = Assert.IsType<InsertResult.Stored>(await ring.Modules[0].InsertAsync("a file", owner, new byte[length], cancellationToken: patience));
        var found = Assert.IsType<LookupResult.Found>(await ring.Modules[3].LookupAsync(stored.FileId, patience));
        Assert.Equal(new byte[length], await found.File.ReadAllBytesAsync(patience));
        Assert.NotEqual(0, network.CarriedMessages);
    }
}
