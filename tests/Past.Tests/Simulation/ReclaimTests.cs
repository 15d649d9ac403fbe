using P2P.Past;
using P2P.Past.Simulation;
using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace Past.Tests.Simulation;

/// <summary>Owners take files back (PAST §2.2): nobody else does, and what was away does not bring them back.</summary>
public class ReclaimTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromHours(2);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 4)]
    [InlineData(3, 30)]
    [InlineData(4, 30)]
    public void What_its_owner_takes_back_is_gone_everywhere(ulong seed, int nodes)
    {
        var world = Formed(nodes, seed);
        var owner = world.Overlay.NextKey();
        var replicas = Math.Min(nodes, 5);
        world.Run(
            async () =>
            {
                var stored = await InsertAsync(world, owner, TestFiles.Content(1000), replicas);
                var other = await InsertAsync(world, owner, TestFiles.Content(2000), replicas);
                var result = Assert.IsType<ReclaimResult.Reclaimed>(await world.AnyStore().ReclaimAsync(stored.FileId, owner));

                Assert.Equal(stored.Receipts.Select(receipt => receipt.Holder).Order(), result.Receipts.Select(receipt => receipt.Holder).Order());
                Assert.All(result.Receipts, receipt => Assert.True(receipt.Verify() && receipt.FreedBytes == 1000));
                Assert.Empty(world.HoldersOf(stored.FileId));
                Assert.IsType<LookupResult.NotFound>(await world.AnyStore().LookupAsync(stored.FileId));
                Assert.IsType<LookupResult.Found>(await world.AnyStore().LookupAsync(other.FileId));

                // Once more: who gave it up says so again, and the id stays taken.
                var again = Assert.IsType<ReclaimResult.Reclaimed>(await world.AnyStore().ReclaimAsync(stored.Certificate, owner));
                Assert.Equal(result.Receipts.Length, again.Receipts.Length);
                var late = await world.AnyStore().ResumeInsertAsync(stored.Certificate, ContentSource.FromBytes(TestFiles.Content(1000)));
                Assert.Equal(StoreRefusal.Reclaimed, Assert.IsType<InsertResult.Refused>(late).Reason);
            },
            Limit);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Holder_that_was_away_does_not_bring_a_file_back(ulong seed)
    {
        var world = Formed(20, seed);
        var owner = world.Overlay.NextKey();
        world.Run(
            async () =>
            {
                var stored = await InsertAsync(world, owner, TestFiles.Content(300_000), replicas: 3);
                var away = world.HoldersOf(stored.FileId)[0];
                away.Crash();
                while (world.HoldersOf(stored.FileId).Count < 3)
                {
                    await Task.Delay(TimeSpan.FromSeconds(1), world.Overlay.Time);
                }

                var store = world.StoreOf(world.Overlay.ReadyNodes.First());
                Assert.IsType<ReclaimResult.Reclaimed>(await store.ReclaimAsync(stored.FileId, owner));
                world.Restart(away);
                away.Join(world.Overlay.ReadyNodes.First());
                Assert.Single(world.HoldersOf(stored.FileId));
                await Task.Delay(TimeSpan.FromMinutes(2), world.Overlay.Time);
                Assert.True(away.IsReady);
                Assert.Empty(world.HoldersOf(stored.FileId));
            },
            Limit);
    }

    [Fact]
    public void Stranger_takes_nothing_back()
    {
        var world = Formed(10, seed: 1);
        var (owner, stranger) = (world.Overlay.NextKey(), world.Overlay.NextKey());
        world.Run(
            async () =>
            {
                var stored = await InsertAsync(world, owner, TestFiles.Content(1000), replicas: 3);
                Assert.IsType<ReclaimResult.NotOwner>(await world.AnyStore().ReclaimAsync(stored.FileId, stranger));
                await Assert.ThrowsAsync<ArgumentException>(() => ReclaimCertificate.CreateAsync(stored.Certificate, stranger, DateTimeOffset.UnixEpoch).AsTask());
                Assert.Equal(3, world.HoldersOf(stored.FileId).Count);
            },
            Limit);
    }

    [Fact]
    public void What_never_was_is_not_found()
    {
        var world = Formed(10, seed: 2);
        var owner = world.Overlay.NextKey();
        var absent = FileCertificate.Create("never", owner, ContentTree.Compute([1]), 3, [], DateTimeOffset.UnixEpoch);
        world.Run(
            async () =>
            {
                Assert.IsType<ReclaimResult.NotFound>(await world.AnyStore().ReclaimAsync(absent.FileId, owner));
                Assert.IsType<ReclaimResult.NotFound>(await world.AnyStore().ReclaimAsync(absent, owner));

                // Those who should hold it have heard that it is not to be.
                var late = await world.AnyStore().ResumeInsertAsync(absent, ContentSource.FromBytes(new byte[] { 1 }));
                Assert.Equal(StoreRefusal.Reclaimed, Assert.IsType<InsertResult.Refused>(late).Reason);
            },
            Limit);
    }

    [Fact]
    public void Nodes_forget_after_a_while()
    {
        var world = Formed(6, seed: 3, new PastOptions { ReclaimRetention = TimeSpan.FromHours(1) });
        var owner = world.Overlay.NextKey();
        world.Run(
            async () =>
            {
                var stored = await InsertAsync(world, owner, TestFiles.Content(10), replicas: 3);
                Assert.IsType<ReclaimResult.Reclaimed>(await world.AnyStore().ReclaimAsync(stored.FileId, owner));
                await Task.Delay(TimeSpan.FromMinutes(90), world.Overlay.Time);
                Assert.IsType<InsertResult.Stored>(await world.AnyStore().ResumeInsertAsync(stored.Certificate, ContentSource.FromBytes(TestFiles.Content(10))));
            },
            Limit);
    }

    private static PastSimulation Formed(int nodes, ulong seed, PastOptions? past = null)
    {
        var world = new PastSimulation(new()
        {
            Overlay = new PastrySimulationOptions { Seed = seed, Pastry = PastWorld.Quick, ThroughCodec = true },
            Past = past ?? new PastOptions(),

            // A cached copy may be given out for a while after its owner has taken the file back.
            Cache = null,
        });
        Assert.True(world.Grow(nodes), $"seed {seed}");
        return world;
    }

    private static async Task<InsertResult.Stored> InsertAsync(PastSimulation world, SigningKey owner, byte[] content, int replicas) =>
        Assert.IsType<InsertResult.Stored>(await world.AnyStore().InsertAsync("file", owner, ContentSource.FromBytes(content), new InsertOptions { ReplicaCount = replicas }));
}
