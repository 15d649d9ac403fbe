using System.Security.Cryptography;
using P2P.Past;
using P2P.Past.Simulation;
using P2P.Pastry;

namespace Architecture.Tests.Seams;

/// <summary>What stands before PAST, in its place or beneath it is made with the public face alone: this project sees no internals.</summary>
public sealed class PastSeamTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromHours(1);

    [Fact]
    public void A_cache_before_the_archive_answers_when_all_holders_are_gone()
    {
        var world = Formed();
        world.Run(
            async () =>
            {
                var store = new CachingPastStore(world.AnyStore());
                var inserted = await store.InsertAsync("a file", world.Overlay.NextKey(), "kept"u8.ToArray());
                Assert.IsType<InsertResult.Stored>(inserted);
                Assert.IsType<LookupResult.Found>(await store.LookupAsync(inserted.FileId));
                foreach (var holder in world.HoldersOf(inserted.FileId))
                {
                    holder.Crash();
                }

                var found = Assert.IsType<LookupResult.Found>(await store.LookupAsync(inserted.FileId));
                Assert.Equal("kept"u8.ToArray(), await found.File.ReadAllBytesAsync());
                Assert.Equal(1, store.HitCount);
            },
            Limit);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(3 * ContentLayout.LeafSize + 5)]
    public async Task An_archive_in_memory_gives_the_results_that_the_ring_s_gives(int length)
    {
        using var owner = SigningKey.Create();
        var content = new byte[length];
        new Random(1).NextBytes(content);
        await using var store = new PastStoreInMemory();

        using var stream = new MemoryStream(content);
        var inserted = Assert.IsType<InsertResult.Stored>(await store.InsertAsync("a file", owner, stream, new() { ReplicaCount = 1 }));
        var found = Assert.IsType<LookupResult.Found>(await store.LookupAsync(inserted.FileId));
        Assert.Equal(content, await found.File.ReadAllBytesAsync());
        await using var rest = found.File.OpenRead(length - 3);
        var last = new byte[3];
        await rest.ReadExactlyAsync(last);
        Assert.Equal(content[^3..], last);

        Assert.Equal(LookupResult.NotFound.Instance, await store.LookupAsync(FileId.Parse(new string('a', 40))));
        store.IsCutOff = true;
        Assert.Equal(LookupResult.Unreachable.Instance, await store.LookupAsync(inserted.FileId));
        var refused = Assert.IsType<InsertResult.Refused>(await store.InsertAsync("another", owner, content));
        Assert.Equal((StoreRefusal.Unknown, null), (refused.Reason, refused.By));
    }

    [Fact]
    public void A_file_can_t_be_made_of_content_that_is_not_its_certificate_s()
    {
        using var owner = SigningKey.Create();
        var certificate = FileCertificate.Create("a file", owner, ContentTree.Compute([1, 2, 3]), 1, [], DateTimeOffset.UnixEpoch);
        Assert.Throws<ContentVerificationException>(() => PastFile.FromBytes(certificate, new byte[] { 1, 2, 4 }));
    }

    [Fact]
    public void An_owner_s_key_may_live_elsewhere()
    {
        var world = Formed();
        using var agent = new Agent();
        world.Run(
            async () =>
            {
                for (var i = 0; i < 8; i++)
                {
                    var stored = Assert.IsType<InsertResult.Stored>(await world.AnyStore().InsertAsync($"file {i}", agent, new byte[100]));
                    Assert.True(stored.Certificate.Verify());
                    Assert.Equal(agent.PublicKey, stored.Certificate.Owner);
                }

                agent.IsBroken = true;
                await Assert.ThrowsAsync<PastryException>(() => world.AnyStore().InsertAsync("a file", agent, new byte[100]).AsTask());
            },
            Limit);
    }

    [Fact]
    public async Task What_can_be_wrong_is_found_before_content_is_read()
    {
        using var owner = SigningKey.Create();
        await using var store = new PastStore(new() { Replicas = new MemoryReplicaStore(1) });
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.InsertAsync("a file", owner, new Unreadable()).AsTask());
        await Assert.ThrowsAsync<PastException>(() => store.InsertAsync("a file", owner, new Unreadable(), new() { ReplicaCount = 0 }).AsTask());
        await Assert.ThrowsAsync<PastException>(() => store.InsertAsync("a file", owner, new Unreadable(), new() { Metadata = new byte[5000] }).AsTask());
    }

    private static PastSimulation Formed()
    {
        var world = new PastSimulation();
        Assert.True(world.Grow(10));
        return world;
    }

    /// <summary>Keeps a key, and gives signatures as they come: with the higher s as often as with the lower.</summary>
    private sealed class Agent : ISigner, IDisposable
    {
        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public bool IsBroken { get; set; }

        public PublicKey PublicKey => PublicKey.FromEncoded(_key.ExportSubjectPublicKeyInfo());

        public ValueTask<ReadOnlyMemory<byte>> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
            new(IsBroken ? new byte[SigningKey.SignatureLength] : _key.SignData(data.Span, HashAlgorithmName.SHA256));

        public void Dispose() => _key.Dispose();
    }

    private sealed class Unreadable : IContentSource
    {
        public long Length => 1;

        public ValueTask<Stream> OpenAsync(long offset, CancellationToken cancellationToken = default) => throw new NotSupportedException("It was read.");
    }
}
