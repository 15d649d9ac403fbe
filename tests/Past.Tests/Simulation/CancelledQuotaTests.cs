using System.Collections.Immutable;
using P2P.Past;
using P2P.Pastry;

namespace Past.Tests.Simulation;

/// <summary>Users give up at every step, and what was debited meanwhile comes back: by itself, or by the certificate that they were given.</summary>
public class CancelledQuotaTests
{
    private static readonly InsertOptions ThreeReplicas = new() { ReplicaCount = 3 };

    [Theory]
    [InlineData(1, 1_000, 300, 10)]
    [InlineData(2, 1_000, 300, 10)]
    [InlineData(3, 20_000, 3_000, 100)]
    public void Insert_that_is_cancelled_leaves_nothing_debited_of_which_its_user_has_no_certificate(ulong seed, int length, int until, int step)
    {
        // The longer files find no room under any salt, and what was debited for these is to come back as well.
        var world = new QuotaWorld(8, seed, contributed: 100_000, capacity: length < 10_000 ? 1L << 30 : 10_000);
        var (thrown, ended) = (0, 0);
        world.Run(async () =>
        {
            for (var milliseconds = 0; milliseconds < until; milliseconds += step)
            {
                using var givingUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(milliseconds), world.Overlay.Time);
                var store = QuotaWorld.StoreOf(world.AnyNode());
                try
                {
                    var result = await store.InsertAsync($"file {milliseconds}", world.Owner, Content(length), ThreeReplicas, givingUp.Token);
                    ended++;
                    if (result is not InsertResult.Refused)
                    {
                        await store.ReclaimAsync(result.Certificate, world.Owner);
                    }
                }
                catch (OperationCanceledException)
                {
                    thrown++;
                }

                await Task.Delay(TimeSpan.FromMinutes(1), world.Overlay.Time);
                Assert.True(await world.UsedAsync() == 0, $"seed {seed}: {await world.UsedAsync()} bytes are debited after {milliseconds} ms");
                Assert.Equal(0, await world.HeldBytesAsync());
            }
        });
        Assert.True(thrown > 0 && ended > 0, $"seed {seed}: {thrown} thrown, {ended} ended");
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void File_whose_reclaim_ended_is_credited_though_its_user_waits_no_longer(ulong seed)
    {
        var world = new QuotaWorld(8, seed, contributed: 100_000);
        var (thrown, ended) = (0, 0);
        world.Run(async () =>
        {
            for (var milliseconds = 0; milliseconds < 300; milliseconds += 10)
            {
                var stored = await world.InsertStoredAsync($"file {milliseconds}", 1_000);
                using var givingUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(milliseconds), world.Overlay.Time);
                var store = QuotaWorld.StoreOf(world.AnyNode());
                try
                {
                    Assert.IsType<ReclaimResult.Reclaimed>(await store.ReclaimAsync(stored.Certificate, world.Owner, givingUp.Token));
                    ended++;
                }
                catch (OperationCanceledException)
                {
                    thrown++;
                    Assert.IsType<ReclaimResult.Reclaimed>(await store.ReclaimAsync(stored.Certificate, world.Owner));
                }

                await Task.Delay(TimeSpan.FromMinutes(2), world.Overlay.Time);
                Assert.True(await world.UsedAsync() == 0, $"seed {seed}: {await world.UsedAsync()} bytes are debited after {milliseconds} ms");
            }
        });
        Assert.True(thrown > 0 && ended > 0, $"seed {seed}: {thrown} thrown, {ended} ended");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Insert_that_is_cancelled_while_its_certificate_is_signed_is_credited(bool signerObeys)
    {
        // One that does not obey gives its signature, and the insert ends before it has one of the places.
        var world = new QuotaWorld(8, seed: 6, contributed: 100_000);
        using var givingUp = new CancellationTokenSource();
        var owner = new CallingSigner(world.Owner, (call, cancellationToken) =>
        {
            if (call == 2)
            {
                givingUp.Cancel();
                if (signerObeys)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }
        });
        world.Run(async () =>
        {
            var insert = QuotaWorld.StoreOf(world.AnyNode()).InsertAsync("a file", owner, Content(1_000), ThreeReplicas, givingUp.Token).AsTask();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => insert);
            Assert.Equal(3_000, await world.UsedAsync());

            // The user's key may be gone now: the order, the certificate and what takes it back are signed.
            Assert.Equal(3, owner.Calls);
            await Task.Delay(TimeSpan.FromMinutes(1), world.Overlay.Time);
            Assert.Equal(0, await world.UsedAsync());
            Assert.Equal(3, owner.Calls);
        });
    }

    [Fact]
    public void Insert_whose_content_can_t_be_read_again_is_credited()
    {
        var world = new QuotaWorld(8, seed: 7, contributed: 100_000);
        world.Run(async () =>
        {
            var insert = QuotaWorld.StoreOf(world.AnyNode()).InsertAsync("a file", world.Owner, new ReadOnceContent(TestFiles.Content(1_000)), ThreeReplicas).AsTask();
            await Assert.ThrowsAsync<PastException>(() => insert);
            await Task.Delay(TimeSpan.FromMinutes(1), world.Overlay.Time);
            Assert.Equal(0, await world.UsedAsync());
        });
    }

    [Fact]
    public void Claim_whose_bringing_is_cancelled_is_brought_again()
    {
        var world = new QuotaWorld(8, seed: 8, contributed: 100_000);
        var claims = new KeptClaims();
        var elsewhere = world.JoinWith(claims);
        world.Run(async () =>
        {
            var stored = await world.InsertStoredAsync("a file", 1_000);
            Assert.IsType<ReclaimResult.Reclaimed>(await QuotaWorld.StoreOf(elsewhere).ReclaimAsync(stored.Certificate, world.Owner));
            var (certificate, receipts) = Assert.Single(claims.Heard);
            using var givenUp = new CancellationTokenSource();
            givenUp.Cancel();
            var claim = QuotaWorld.QuotaOf(world.AnyNode()).CreditAsync(certificate, receipts, givenUp.Token).AsTask();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => claim);
            Assert.Equal(3_000, await world.UsedAsync());
            await Task.Delay(TimeSpan.FromMinutes(2), world.Overlay.Time);
            Assert.Equal(0, await world.UsedAsync());
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void User_who_has_cancelled_nothing_learns_that_the_node_has_stopped(bool whileSigning)
    {
        var world = new QuotaWorld(6, seed: 9, contributed: 100_000);
        world.BrokerNode.Crash();
        var owner = new WaitingSigner(world.Owner, waits: whileSigning);
        world.Run(async () =>
        {
            var (asking, inserting) = (world.AnyNode(), world.AnyNode());
            var asked = QuotaWorld.QuotaOf(asking).RequestAsync(new QuotaRequest(FileId.Compute("a file", owner.PublicKey, []), owner, 1_000, 3)).AsTask();
            var insert = QuotaWorld.StoreOf(inserting).InsertAsync("another", owner, Content(1_000), ThreeReplicas).AsTask();
            await Task.Delay(TimeSpan.FromSeconds(1), world.Overlay.Time);
            Assert.False(asked.IsCompleted || insert.IsCompleted);
            await QuotaWorld.QuotaOf(asking).DisposeAsync();
            await QuotaWorld.StoreOf(inserting).DisposeAsync();
            await Assert.ThrowsAsync<PastException>(() => asked);
            await Assert.ThrowsAsync<PastException>(() => insert);
        });
    }

    [Fact]
    public void User_who_has_cancelled_nothing_learns_that_the_signer_has_given_up()
    {
        var world = new QuotaWorld(6, seed: 10, contributed: 100_000);
        var owner = new CallingSigner(world.Owner, (_, _) => throw new OperationCanceledException("The module is busy."));
        world.Run(async () =>
        {
            var insert = QuotaWorld.StoreOf(world.AnyNode()).InsertAsync("a file", owner, Content(1_000), ThreeReplicas).AsTask();
            await Assert.ThrowsAsync<PastException>(() => insert);
        });
    }

    private static IContentSource Content(int length) => ContentSource.FromBytes(TestFiles.Content(length));

    private sealed class CallingSigner(SigningKey key, Action<int, CancellationToken> signing) : ISigner
    {
        public int Calls { get; private set; }

        public PublicKey PublicKey => key.PublicKey;

        public ValueTask<ReadOnlyMemory<byte>> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
        {
            signing(++Calls, cancellationToken);
            return ValueTask.FromResult<ReadOnlyMemory<byte>>(key.Sign(data.Span));
        }
    }

    private sealed class WaitingSigner(SigningKey key, bool waits) : ISigner
    {
        public PublicKey PublicKey => key.PublicKey;

        public async ValueTask<ReadOnlyMemory<byte>> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
        {
            if (waits)
            {
                await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            }

            return key.Sign(data.Span);
        }
    }

    private sealed class KeptClaims : IQuota
    {
        public List<(ReclaimCertificate Certificate, ImmutableArray<ReclaimReceipt> Receipts)> Heard { get; } = [];

        public ValueTask<QuotaAnswer> RequestAsync(QuotaRequest request, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<QuotaAnswer>(QuotaAnswer.Unavailable.Instance);

        public ValueTask CreditAsync(ReclaimCertificate certificate, ImmutableArray<ReclaimReceipt> receipts, CancellationToken cancellationToken = default)
        {
            Heard.Add((certificate, receipts));
            return ValueTask.CompletedTask;
        }
    }

    private sealed class ReadOnceContent(byte[] bytes) : IContentSource
    {
        private bool _isRead;

        public long Length => bytes.Length;

        public ValueTask<Stream> OpenAsync(long offset, CancellationToken cancellationToken = default)
        {
            if (_isRead)
            {
                throw new IOException("It is gone.");
            }

            _isRead = true;
            return ValueTask.FromResult<Stream>(new MemoryStream(bytes, (int)offset, bytes.Length - (int)offset));
        }
    }
}
