using System.Security.Cryptography;
using P2P.Past;
using P2P.Pastry;

namespace Consumer.Overlay;

public sealed class ArchiveTests : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly Patience _patience = new();
    private readonly SigningKey _owner = SigningKey.Create();

    [Fact]
    public async Task A_program_has_an_archive_of_its_own_which_is_there_again_after_a_restart()
    {
        FileId id;
        await using (var ring = await EmbeddedRing.StartAsync(new() { Directory = _scratch["data"] }, _patience))
        {
            var stored = Assert.IsType<InsertResult.Stored>(await ring.Store.InsertAsync("notes", _owner, "kept"u8.ToArray(), cancellationToken: _patience));
            Assert.Equal(3, stored.Receipts.Length);
            id = stored.FileId;
        }

        await using var again = await EmbeddedRing.StartAsync(new() { Directory = _scratch["data"] }, _patience);
        var found = Assert.IsType<LookupResult.Found>(await again.Store.LookupAsync(id, _patience));
        Assert.Equal("kept"u8.ToArray(), await found.File.ReadAllBytesAsync(_patience));
    }

    /// <summary>The small file travels within messages, the large one over a stream of its own.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(1_000_000)]
    public async Task A_file_that_one_node_of_a_ring_stores_is_found_through_another(int length)
    {
        var stores = new List<PastStore>();
        for (var i = 0; i < 3; i++)
        {
            stores.Add(new PastStore(new() { Replicas = await DiskReplicaStore.OpenAsync(new() { Directory = _scratch[$"{i}"], CapacityBytes = 1 << 26 }) }));
        }

        await using var ring = await Ring<PastStore>.StartAsync(3, new Queue<PastStore>(stores).Dequeue, _patience);
        var content = RandomNumberGenerator.GetBytes(length);
        var stored = Assert.IsType<InsertResult.Stored>(await stores[0].InsertAsync("a file", _owner, content, cancellationToken: _patience));
        var found = Assert.IsType<LookupResult.Found>(await stores[2].LookupAsync(stored.FileId, _patience));
        Assert.Equal(content, await found.File.ReadAllBytesAsync(_patience));

        Assert.IsType<ReclaimResult.Reclaimed>(await stores[1].ReclaimAsync(stored.FileId, _owner, _patience));
        Assert.IsNotType<LookupResult.Found>(await stores[2].LookupAsync(stored.FileId, _patience));
    }

    public void Dispose()
    {
        _owner.Dispose();
        _patience.Dispose();
        _scratch.Dispose();
    }
}
