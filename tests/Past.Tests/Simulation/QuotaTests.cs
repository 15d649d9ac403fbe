using System.Collections.Immutable;
using P2P.Past;
using P2P.Pastry;
using Past.Tests.Quota;
using Xunit.Abstractions;

namespace Past.Tests.Simulation;

/// <summary>Owners store what they were granted, in a ring that sees to it: nobody stores more, and what is taken back can be used again.</summary>
public sealed class QuotaTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void File_is_debited_when_it_is_stored_and_credited_when_it_is_taken_back(ulong seed)
    {
        var world = new QuotaWorld(12, seed, contributed: 10_000);
        world.Run(async () =>
        {
            var stored = await world.InsertStoredAsync("a file", 5_000, replicas: 5);
            Assert.True(stored.Certificate.Permit!.IsFor(stored.Certificate) && stored.Certificate.Permit.Verify());
            Assert.Equal(25_000, await world.UsedAsync());
            Assert.Equal(new QuotaAccount(25_000, 120_000), await QuotaWorld.QuotaOf(world.AnyNode()).GetAccountAsync(world.Owner));

            Assert.IsType<ReclaimResult.Reclaimed>(await QuotaWorld.StoreOf(world.AnyNode()).ReclaimAsync(stored.FileId, world.Owner));
            Assert.Equal(0, await world.UsedAsync());

            // The same receipts once more, from nodes that give them again: they credit nothing else.
            await world.InsertStoredAsync("another file", 5_000, replicas: 2);
            Assert.IsType<ReclaimResult.Reclaimed>(await QuotaWorld.StoreOf(world.AnyNode()).ReclaimAsync(stored.Certificate, world.Owner));
            Assert.Equal(10_000, await world.UsedAsync());
        });
    }

    [Fact]
    public void Owner_who_has_nothing_left_learns_how_it_stands()
    {
        var world = new QuotaWorld(6, seed: 3, contributed: 1_000);
        world.Run(async () =>
        {
            await world.InsertStoredAsync("a file", 1_500);
            var exceeded = Assert.IsType<InsertResult.QuotaExceeded>(await world.InsertAsync("too much", 600));
            Assert.Equal((4_500, 6_000, 1_800), (exceeded.UsedBytes, exceeded.GrantedBytes, exceeded.NeededBytes));
            Assert.Empty(world.HoldersOf(exceeded.FileId));

            var stranger = Assert.IsType<InsertResult.QuotaExceeded>(await world.InsertAsync("a stranger's", 1, owner: world.Overlay.NextKey()));
            Assert.Equal((0, 0), (stranger.UsedBytes, stranger.GrantedBytes));
            Assert.Equal(4_500, await world.UsedAsync());
        });
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Last_bytes_are_spent_once_though_two_nodes_want_them_at_once(ulong seed)
    {
        var world = new QuotaWorld(8, seed, contributed: 1_000);
        world.Run(async () =>
        {
            var nodes = world.Overlay.ReadyNodes.Where(node => node != world.BrokerNode).Take(2).ToArray();
            var inserts = nodes.Select(node => world.InsertAsync($"from {node.Handle}", 2_000, at: node).AsTask()).ToArray();
            var results = await Task.WhenAll(inserts);
            Assert.Single(results, result => result is InsertResult.Stored);
            Assert.Single(results, result => result is InsertResult.QuotaExceeded);
            Assert.Equal(6_000, await world.UsedAsync());
        });
    }

    [Fact]
    public void Many_files_at_the_same_time_are_ordered_together()
    {
        var world = new QuotaWorld(8, seed: 7, contributed: 1_000_000);
        var owner = new CountingSigner(world.Owner);
        world.Run(async () =>
        {
            var node = world.AnyNode();
            var results = await Task.WhenAll(Enumerable.Range(0, 150).Select(number => world.InsertAsync($"file {number}", 1_000, at: node, owner: owner).AsTask()));
            Assert.All(results, result => Assert.IsType<InsertResult.Stored>(result));
            Assert.Equal(150 * 3_000, await world.UsedAsync());

            // One signature a certificate, and a few for orders.
            Assert.InRange(owner.Count, 151, 155);
        });
    }

    [Fact]
    public void Nodes_hold_nothing_without_a_permit_of_their_broker_for_that_very_file()
    {
        var world = new QuotaWorld(8, seed: 8, contributed: 100_000);
        var content = TestFiles.Content(1_000);
        world.Run(async () =>
        {
            var good = await world.InsertStoredAsync("a file", 1_000);
            var bare = FileCertificate.Create("bare", world.Owner, ContentTree.Compute(content), 3, [1], world.Overlay.Time.GetUtcNow());
            InsertPermit[] wrong =
            [
                BrokerTalk.Permit(world.Overlay.NextKey(), bare),
                good.Certificate.Permit!,
                Forge(BrokerTalk.Permit(world.Owner, bare), world.Broker.PublicKey),
                Larger(bare, world),
            ];
            FileCertificate[] certificates =
                [bare, .. wrong.Select(permit => FileCertificate.Create("bare", world.Owner, ContentTree.Compute(content), 3, [1], world.Overlay.Time.GetUtcNow(), permit: permit))];
            foreach (var certificate in certificates)
            {
                var result = await QuotaWorld.StoreOf(world.AnyNode()).ResumeInsertAsync(certificate, ContentSource.FromBytes(content));
                Assert.Equal(StoreRefusal.NoPermit, Assert.IsType<InsertResult.Refused>(result).Reason);
                Assert.Empty(world.HoldersOf(certificate.FileId));
            }

            Assert.Equal(3_000, await world.UsedAsync());
        });
    }

    [Fact]
    public void User_who_asks_nobody_is_refused_and_another_quota_can_be_asked()
    {
        var world = new QuotaWorld(6, seed: 9, contributed: 100_000);
        var careless = world.JoinWith(quota: null);
        var other = new LocalQuota();
        var local = world.JoinWith(other);
        world.Run(async () =>
        {
            var refused = Assert.IsType<InsertResult.Refused>(await world.InsertAsync("unpaid", 100, at: careless));
            Assert.Equal(StoreRefusal.NoPermit, refused.Reason);

            // One that only counts for itself is told how it ended, and what came back.
            Assert.Equal(StoreRefusal.NoPermit, Assert.IsType<InsertResult.Refused>(await world.InsertAsync("unpaid", 100, at: local)).Reason);
            Assert.Equal(["asked for 100", "ended", "credited"], other.Heard.ToArray());
        });
    }

    [Fact]
    public void Permit_that_has_expired_inserts_nothing_and_keeps_no_replica_from_moving()
    {
        var world = new QuotaWorld(12, seed: 10, contributed: 100_000, options: new BrokerOptions { GrantFraction = 1, PermitLifetime = TimeSpan.FromMinutes(1) });
        var content = TestFiles.Content(1_000);
        world.Run(async () =>
        {
            var stored = await world.InsertStoredAsync("a file", 1_000);
            var late = FileCertificate.Create("late", world.Owner, ContentTree.Compute(content), 3, [1], world.Overlay.Time.GetUtcNow());
            var answer = await QuotaWorld.QuotaOf(world.AnyNode()).RequestAsync(new QuotaRequest(late.FileId, world.Owner, 1_000, 3));
            var permit = Assert.IsType<QuotaAnswer.Granted>(answer).Permit!;
            late = FileCertificate.Create("late", world.Owner, ContentTree.Compute(content), 3, [1], world.Overlay.Time.GetUtcNow(), permit: permit);
            await Task.Delay(TimeSpan.FromMinutes(2), world.Overlay.Time);

            var refused = await QuotaWorld.StoreOf(world.AnyNode()).ResumeInsertAsync(late, ContentSource.FromBytes(content));
            Assert.Equal(StoreRefusal.PermitExpired, Assert.IsType<InsertResult.Refused>(refused).Reason);

            // Who holds the file says so, however late it is; and others take it over.
            var client = world.AnyNode();
            Assert.IsType<InsertResult.Stored>(await QuotaWorld.StoreOf(client).ResumeInsertAsync(stored.Certificate, ContentSource.FromBytes(content)));
            var holders = world.HoldersOf(stored.FileId);
            holders.First(holder => holder != world.BrokerNode).Crash();
            while (world.HoldersOf(stored.FileId).Length < 3)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), world.Overlay.Time);
            }

            Assert.NotEqual(holders.Select(holder => holder.Handle.Id).Order(), world.HoldersOf(stored.FileId).Select(holder => holder.Handle.Id).Order());
        });
    }

    [Fact]
    public void Insert_that_finds_no_room_is_credited()
    {
        // There is room for the replicas of one salt, which the next can use only when it has come back.
        var world = new QuotaWorld(8, seed: 11, contributed: 8_000, capacity: 10_000);
        world.Run(async () =>
        {
            var refused = Assert.IsType<InsertResult.Refused>(await world.InsertAsync("too long for a node", 20_000));
            Assert.Equal(StoreRefusal.NoRoom, refused.Reason);
            Assert.Equal(0, await world.UsedAsync());
            Assert.Empty(world.HoldersOf(refused.FileId));

            var tooMany = Assert.IsType<InsertResult.Refused>(await world.InsertAsync("too many", 10, replicas: 9));
            Assert.Equal(StoreRefusal.TooFewNodes, tooMany.Reason);
            Assert.Equal(0, await world.UsedAsync());
        });
    }

    [Fact]
    public void Broker_that_is_away_keeps_files_out_and_is_found_again_when_it_is_back()
    {
        var world = new QuotaWorld(10, seed: 12, contributed: 100_000);
        world.Run(async () =>
        {
            var stored = await world.InsertStoredAsync("before", 1_000);
            world.BrokerNode.Crash();
            var away = Assert.IsType<InsertResult.QuotaUnavailable>(await world.InsertAsync("meanwhile", 1_000));
            Assert.Empty(world.HoldersOf(away.FileId));
            Assert.IsType<LookupResult.Found>(await QuotaWorld.StoreOf(world.AnyNode()).LookupAsync(stored.FileId));

            // What is taken back meanwhile is credited later.
            Assert.IsType<ReclaimResult.Reclaimed>(await QuotaWorld.StoreOf(world.AnyNode()).ReclaimAsync(stored.Certificate, world.Owner));
            Assert.Equal(3_000, await world.UsedAsync());
            await world.RestartAsync(world.BrokerNode);
            await Task.Delay(TimeSpan.FromMinutes(2), world.Overlay.Time);
            Assert.Equal(0, await world.UsedAsync());
            await world.InsertStoredAsync("after", 1_000);
            Assert.Equal(3_000, await world.UsedAsync());
        });
    }

    [Fact]
    public void What_was_debited_unseen_is_credited_when_it_is_taken_back()
    {
        var world = new QuotaWorld(8, seed: 13, contributed: 100_000);
        world.Run(async () =>
        {
            var certificate = FileCertificate.Create("unseen", world.Owner, ContentTree.Compute([]), 3, [1], world.Overlay.Time.GetUtcNow());
            await QuotaWorld.QuotaOf(world.AnyNode()).RequestAsync(new QuotaRequest(certificate.FileId, world.Owner, 1_000, 3));
            Assert.Equal(3_000, await world.UsedAsync());
            Assert.IsType<ReclaimResult.NotFound>(await QuotaWorld.StoreOf(world.AnyNode()).ReclaimAsync(certificate, world.Owner));
            Assert.Equal(0, await world.UsedAsync());
        });
    }

    [Fact]
    public void Node_that_withdraws_takes_its_part_of_the_supply_with_it()
    {
        var world = new QuotaWorld(8, seed: 14, contributed: 1_000, lifetime: TimeSpan.FromMinutes(20));
        world.Run(async () =>
        {
            Assert.True(await QuotaWorld.QuotaOf(world.AnyNode()).WithdrawAsync());
            Assert.Equal(new QuotaAccount(0, 7_000), await world.Broker.GetTotalAsync());

            // The others renew what they contribute; what a dead node contributed ends.
            world.AnyNode().Crash();
            await Task.Delay(TimeSpan.FromMinutes(25), world.Overlay.Time);
            Assert.Equal(new QuotaAccount(0, 6_000), await world.Broker.GetTotalAsync());
        });
    }

    /// <summary>Nodes and the broker come and go while owners store and take back; in the end, whatever is held anywhere is paid for.</summary>
    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(18)]
    public void Whatever_fails_nothing_is_held_that_is_not_debited_and_nothing_is_debited_beyond_the_supply(ulong seed)
    {
        var world = new QuotaWorld(14, seed, contributed: 20_000);
        var stored = new List<InsertResult.Stored>();
        var (inserted, exceeded, reclaimed, interrupted) = (0, 0, 0, 0);
        world.Run(async () =>
        {
            for (var step = 0; step < 120; step++)
            {
                switch (world.Overlay.NextRandom(12))
                {
                    case 0:
                        var crashed = world.Overlay.NextRandom(3) == 0 && world.BrokerNode.IsUp ? world.BrokerNode : world.AnyNode();
                        var underway = world.InsertAsync($"interrupted {step}", 2_000).AsTask();
                        await Task.Delay(TimeSpan.FromMilliseconds(world.Overlay.NextRandom(1_000)), world.Overlay.Time);
                        crashed.Crash();
                        await Task.Delay(TimeSpan.FromSeconds(world.Overlay.NextRandom(30)), world.Overlay.Time);
                        await world.RestartAsync(crashed);
                        await Task.WhenAny(underway);
                        interrupted += underway.IsFaulted || underway.Result is not InsertResult.Stored ? 1 : 0;
                        break;
                    case < 4 when stored.Count > 0:
                        var file = stored[world.Overlay.NextRandom(stored.Count)];
                        var result = await QuotaWorld.StoreOf(world.AnyNode()).ReclaimAsync(file.Certificate, world.Owner);
                        reclaimed += result is ReclaimResult.Reclaimed && stored.Remove(file) ? 1 : 0;
                        break;
                    default:
                        var insert = await world.InsertAsync($"file {step}", world.Overlay.NextRandom(8_000) + 512, world.Overlay.NextRandom(5) + 1);
                        exceeded += insert is InsertResult.QuotaExceeded ? 1 : 0;
                        if (insert is InsertResult.Stored good)
                        {
                            inserted++;
                            stored.Add(good);
                        }

                        break;
                }

                var total = await world.Broker.GetTotalAsync();
                Assert.True(total.UsedBytes <= total.GrantedBytes && total.GrantedBytes == 14 * 20_000, $"seed {seed}, step {step}: {total}");
            }

            // Who was away learns what was taken back, and claims that found no broker are brought again.
            await Task.Delay(TimeSpan.FromMinutes(5), world.Overlay.Time);
            Assert.InRange(await world.UsedAsync(), await world.HeldBytesAsync(), long.MaxValue);
            Assert.InRange(await world.UsedAsync(), stored.Sum(file => file.Certificate.ContentLength * file.Certificate.ReplicaCount), 14 * 20_000);
        });
        Assert.True(inserted > 20 && exceeded > 0 && reclaimed > 5, $"seed {seed}: {inserted} inserted, {exceeded} exceeded, {reclaimed} reclaimed, {interrupted} interrupted");
        output.WriteLine($"seed {seed}: {inserted} inserted, {exceeded} exceeded, {reclaimed} reclaimed, {interrupted} interrupted");
    }

    [Fact]
    public void Answer_that_the_broker_has_not_signed_is_none()
    {
        var world = new QuotaWorld(6, seed: 15, contributed: 1_000);
        world.BrokerNode.Crash();
        world.BrokerNode.Restart(new LyingBroker(world.Owner));
        world.BrokerNode.Join(world.Overlay.ReadyNodes.First());
        Assert.True(world.Overlay.RunUntilReady([world.BrokerNode], TimeSpan.FromMinutes(5)));
        world.Run(async () =>
        {
            Assert.IsType<InsertResult.QuotaUnavailable>(await world.InsertAsync("a file", 100));
            Assert.Null(await QuotaWorld.QuotaOf(world.AnyNode()).GetAccountAsync(world.Owner));
        });
    }

    /// <summary>Gives a permit another signer's name.</summary>
    private static InsertPermit Forge(InsertPermit permit, PublicKey broker)
    {
        byte[] encoded = [.. permit.Encoded];
        broker.Encoded.CopyTo(encoded, encoded.AsSpan().IndexOf(permit.Broker.Encoded.AsSpan()));
        return InsertPermit.TryRead(encoded, out var forged) ? forged : throw new InvalidOperationException("Its form is right.");
    }

    /// <summary>Gives the broker's permit for a smaller file of the same id.</summary>
    private static InsertPermit Larger(FileCertificate certificate, QuotaWorld world)
    {
        var issued = InsertPermit.IssueAsync(
            world.BrokerKey, certificate.FileId, certificate.Owner, certificate.ContentLength - 1, 3, 99, certificate.CreatedAt, certificate.CreatedAt.AddDays(1));
        return issued.IsCompletedSuccessfully ? issued.Result : throw new InvalidOperationException("A key at hand signs at once.");
    }

    private sealed class CountingSigner(SigningKey key) : ISigner
    {
        public int Count { get; private set; }

        public PublicKey PublicKey => key.PublicKey;

        public ValueTask<ReadOnlyMemory<byte>> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
        {
            Count++;
            return ValueTask.FromResult<ReadOnlyMemory<byte>>(key.Sign(data.Span));
        }
    }

    private sealed class LocalQuota : IQuota
    {
        public List<string> Heard { get; } = [];

        public ValueTask<QuotaAnswer> RequestAsync(QuotaRequest request, CancellationToken cancellationToken = default)
        {
            Heard.Add($"asked for {request.ContentLength}");
            return ValueTask.FromResult<QuotaAnswer>(new QuotaAnswer.Granted(Permit: null));
        }

        public ValueTask InsertEndedAsync(InsertResult result, CancellationToken cancellationToken = default)
        {
            Heard.Add("ended");
            return ValueTask.CompletedTask;
        }

        public ValueTask CreditAsync(ReclaimCertificate certificate, ImmutableArray<ReclaimReceipt> receipts, CancellationToken cancellationToken = default)
        {
            Assert.All(receipts, receipt => Assert.True(receipt.Verify() && receipt.IsFor(certificate) && receipt.FreedBytes is null));
            Heard.Add("credited");
            return ValueTask.CompletedTask;
        }
    }
}
