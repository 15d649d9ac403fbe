using P2P.Past;
using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry;
using Past.Tests.Simulation;

namespace Past.Tests.Quota;

/// <summary>What a broker believes and does not, wherever it keeps its books.</summary>
public abstract class BrokerTests : IAsyncLifetime
{
    private static readonly SigningKey Alice = SeededKeys.Get(77, 1);
    private static readonly SigningKey Bob = SeededKeys.Get(77, 2);
    private static readonly SigningKey[] Nodes = [.. Enumerable.Range(10, 20).Select(number => SeededKeys.Get(77, number))];

    private Broker? _broker;
    private BrokerTalk? _talk;

    protected static SigningKey Key { get; } = SeededKeys.Get(77, 0);

    protected static BrokerOptions Options { get; } = new() { GrantFraction = 0.5 };

    private protected ManualTime Time { get; } = new();

    private Broker Broker => _broker ??= Open();

    private BrokerTalk Talk => _talk ??= new BrokerTalk(Broker);

    protected abstract Broker Open();

    public Task InitializeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Owner_stores_no_more_than_was_contributed_for_the_account()
    {
        await ContributeAsync(3, bytesEach: 4000);
        Assert.Equal(new QuotaAccount(0, 6000), (await Talk.OrderAsync(Alice)).Account);

        var granted = await Talk.OrderAsync(Alice, BrokerTalk.FileOf(Alice, 1), BrokerTalk.FileOf(Alice, 2), BrokerTalk.FileOf(Alice, 3));
        Assert.Equal([PermitVerdict.Permitted, PermitVerdict.Permitted, PermitVerdict.Exceeded], granted.Files.Select(file => file.Verdict));
        Assert.Equal(new QuotaAccount(6000, 6000), granted.Account);
        Assert.Equal(3000, granted.Files[2].CostBytes);

        // Nobody contributes for Bob.
        Assert.Equal(PermitVerdict.Exceeded, (await Talk.OrderOneAsync(Bob, BrokerTalk.FileOf(Bob, 1, length: 1, replicas: 1))).Verdict);
        Assert.Equal(new QuotaAccount(6000, 6000), await Broker.GetTotalAsync());
    }

    [Fact]
    public async Task Permit_is_for_the_file_that_was_ordered()
    {
        await ContributeAsync(3, bytesEach: 4000);
        var file = BrokerTalk.FileOf(Alice, 1);
        var permit = (await Talk.OrderOneAsync(Alice, file)).Permit!;
        Assert.True(permit.Verify());
        Assert.Equal(Broker.PublicKey, permit.Broker);
        Assert.Equal((file.FileId, 1000L, 3, Hash256.Compute(Alice.PublicKey.Encoded.AsSpan())), (permit.FileId, permit.ContentLength, permit.ReplicaCount, permit.OwnerHash));
        Assert.Equal(Options.PermitLifetime, permit.ExpiresAt - permit.IssuedAt);
    }

    [Fact]
    public async Task Last_bytes_are_granted_once()
    {
        await ContributeAsync(3, bytesEach: 2000);
        var orders = await Task.WhenAll(Enumerable.Range(1, 8).Select(number => Task.Run(() => Talk.OrderOneAsync(Alice, BrokerTalk.FileOf(Alice, number)))));
        Assert.Single(orders, order => order.Verdict == PermitVerdict.Permitted);
        Assert.Equal(new QuotaAccount(3000, 3000), await Broker.GetAccountAsync(Alice.PublicKey));
    }

    [Fact]
    public async Task Who_asks_again_gets_the_same_permit_and_is_debited_once()
    {
        await ContributeAsync(3, bytesEach: 2000);
        var file = BrokerTalk.FileOf(Alice, 1);
        var first = (await Talk.OrderOneAsync(Alice, file)).Permit!;
        var again = (await Talk.OrderOneAsync(Alice, file)).Permit!;
        Assert.Equal(first.Statement.Body.AsSpan().ToArray(), again.Statement.Body.AsSpan().ToArray());
        Assert.Equal(3000, (await Broker.GetAccountAsync(Alice.PublicKey)).UsedBytes);

        // What is still debited may still be inserted.
        Time.Advance(TimeSpan.FromDays(2));
        await ContributeAsync(3, bytesEach: 2000);
        var later = (await Talk.OrderOneAsync(Alice, file)).Permit!;
        Assert.Equal(first.Serial, later.Serial);
        Assert.Equal(TimeSpan.FromDays(2), later.ExpiresAt - first.ExpiresAt);
        Assert.Equal(3000, (await Broker.GetAccountAsync(Alice.PublicKey)).UsedBytes);
    }

    [Fact]
    public async Task Id_that_was_permitted_is_not_permitted_for_anything_else()
    {
        await ContributeAsync(6, bytesEach: 20_000);
        var file = BrokerTalk.FileOf(Alice, 1);
        await Talk.OrderOneAsync(Alice, file);
        Assert.Equal(PermitVerdict.Conflict, (await Talk.OrderOneAsync(Alice, file with { ContentLength = 999 })).Verdict);
        Assert.Equal(PermitVerdict.Conflict, (await Talk.OrderOneAsync(Alice, file with { ReplicaCount = 2 })).Verdict);
        Assert.Equal(PermitVerdict.Conflict, (await Talk.OrderOneAsync(Bob, file)).Verdict);
    }

    [Fact]
    public async Task Small_files_are_not_free()
    {
        await ContributeAsync(3, bytesEach: 2000);
        var empty = await Talk.OrderOneAsync(Alice, BrokerTalk.FileOf(Alice, 1, length: 0));
        Assert.Equal((PermitVerdict.Permitted, 3 * Options.ReplicaBytesMin), (empty.Verdict, empty.CostBytes));
        Assert.Equal(3 * Options.ReplicaBytesMin, (await Broker.GetTotalAsync()).UsedBytes);
    }

    [Fact]
    public async Task File_needs_as_many_contributors_as_replicas()
    {
        await ContributeAsync(3, bytesEach: 20_000);
        Assert.Equal(PermitVerdict.TooFewContributors, (await Talk.OrderOneAsync(Alice, BrokerTalk.FileOf(Alice, 1, replicas: 4))).Verdict);
    }

    [Fact]
    public async Task Orders_that_prove_nothing_are_not_believed()
    {
        await ContributeAsync(3, bytesEach: 2000);
        OrderedFile[] files = [BrokerTalk.FileOf(Alice, 1)];
        var good = Talk.OrderOf(Alice, files);
        BrokerRequest[] bad =
        [
            Talk.OrderOf(Alice, files, bearer: NodeId.FromText("another node")),
            Talk.OrderOf(Alice, files, forBroker: Bob.PublicKey),
            BrokerTalk.Request(BrokerAct.Order, SignedStatement.Sign(Alice, ContributionClaim.Purpose, PermitOrder.Encode(Broker.PublicKey, BrokerTalk.Bearer, files))),
        ];
        foreach (var request in bad)
        {
            Assert.Equal(BrokerStanding.NotBelieved, (await Talk.AskAsync(BrokerTalk.Bearer, request)).Standing);
        }

        // Who has overheard it can't bring it.
        Assert.Equal(BrokerStanding.NotBelieved, (await Talk.AskAsync(NodeId.FromText("another node"), good)).Standing);
        Assert.Null(await Broker.AnswerAsync(BrokerTalk.Bearer, new BrokerRequest(1, BrokerAct.Order, [1, 2, 3], []), CancellationToken.None));
        Assert.Null(await Broker.AnswerAsync(BrokerTalk.Bearer, new BrokerRequest(1, (BrokerAct)99, good.Statement, []), CancellationToken.None));
        Assert.Equal(0, (await Broker.GetTotalAsync()).UsedBytes);
    }

    [Fact]
    public async Task Nodes_contribute_for_themselves_only()
    {
        var claim = Talk.ContributionOf(Nodes[0], Alice, 1000);
        Assert.Equal(BrokerStanding.NotBelieved, (await Talk.AskAsync(Nodes[1].PublicKey.NodeId, claim)).Standing);
        Assert.Equal(new QuotaAccount(0, 0), await Broker.GetTotalAsync());
        Assert.Equal(BrokerStanding.Answered, (await Talk.AskAsync(Nodes[0].PublicKey.NodeId, claim)).Standing);
        Assert.Equal(new QuotaAccount(0, 500), await Broker.GetAccountAsync(Alice.PublicKey));
    }

    [Fact]
    public async Task Later_word_of_a_node_replaces_the_earlier_and_never_the_other_way_round()
    {
        var node = Nodes[0].PublicKey.NodeId;
        var old = Talk.ContributionOf(Nodes[0], Alice, 9000, sequence: 1);
        await Talk.AskAsync(node, old);
        await Talk.AskAsync(node, Talk.ContributionOf(Nodes[0], Bob, 4000, sequence: 2));
        Assert.Equal(0, (await Broker.GetAccountAsync(Alice.PublicKey)).GrantedBytes);
        Assert.Equal(2000, (await Broker.GetAccountAsync(Bob.PublicKey)).GrantedBytes);

        await Talk.AskAsync(node, Talk.ContributionOf(Nodes[0], Bob, 0, sequence: 3));
        Assert.Equal(BrokerStanding.NotTaken, (await Talk.AskAsync(node, old)).Standing);
        Assert.Equal(new QuotaAccount(0, 0), await Broker.GetTotalAsync());
    }

    [Fact]
    public async Task What_is_not_renewed_ends_and_nothing_is_permitted_until_demand_fits()
    {
        await ContributeAsync(3, bytesEach: 4000);
        await Talk.OrderAsync(Alice, BrokerTalk.FileOf(Alice, 1), BrokerTalk.FileOf(Alice, 2));
        await Talk.ContributeAsync(Nodes[5], Bob, 6000, TimeSpan.FromDays(10));
        Time.Advance(TimeSpan.FromDays(1));

        // Alice's contributors are gone; Bob's own quota is no help, since what he may use is taken.
        Assert.Equal(new QuotaAccount(6000, 0), await Broker.GetAccountAsync(Alice.PublicKey));
        Assert.Equal(new QuotaAccount(6000, 3000), await Broker.GetTotalAsync());
        var refused = await Talk.OrderAsync(Bob, BrokerTalk.FileOf(Bob, 1, replicas: 1));
        Assert.Equal(PermitVerdict.Exceeded, refused.Files[0].Verdict);
        Assert.Equal(new QuotaAccount(0, 0), refused.Account);

        await ContributeAsync(3, bytesEach: 5000);
        Assert.Equal(PermitVerdict.Permitted, (await Talk.OrderOneAsync(Bob, BrokerTalk.FileOf(Bob, 1, replicas: 1))).Verdict);
    }

    [Fact]
    public async Task Receipts_credit_a_replica_each_and_each_once()
    {
        await ContributeAsync(4, bytesEach: 2000);
        await Talk.OrderOneAsync(Alice, BrokerTalk.FileOf(Alice, 1));
        await Talk.CreditAsync(Alice, 1, Nodes[0]);
        Assert.Equal(2000, (await Broker.GetTotalAsync()).UsedBytes);
        await Talk.CreditAsync(Alice, 1, Nodes[0], Nodes[0]);
        Assert.Equal(2000, (await Broker.GetTotalAsync()).UsedBytes);
        await Talk.CreditAsync(Alice, 1, Nodes[1], Nodes[0], Nodes[2], Nodes[3]);
        Assert.Equal(new QuotaAccount(0, 4000), await Broker.GetAccountAsync(Alice.PublicKey));

        // Once more, also from those whose receipt was not needed: there is nothing left to credit, and nothing comes for nothing.
        await Talk.CreditAsync(Alice, 1, Nodes[..4]);
        Assert.Equal(new QuotaAccount(0, 4000), await Broker.GetTotalAsync());
    }

    [Fact]
    public async Task File_that_is_being_taken_back_is_not_permitted_again()
    {
        await ContributeAsync(3, bytesEach: 20_000);
        var file = BrokerTalk.FileOf(Alice, 1);
        await Talk.OrderOneAsync(Alice, file);
        await Talk.CreditAsync(Alice, 1, Nodes[0]);
        Assert.Equal(PermitVerdict.TakenBack, (await Talk.OrderOneAsync(Alice, file)).Verdict);
        await Talk.CreditAsync(Alice, 1, Nodes[1], Nodes[2]);
        Assert.Equal(PermitVerdict.TakenBack, (await Talk.OrderOneAsync(Alice, file)).Verdict);
        Assert.Equal(0, (await Broker.GetTotalAsync()).UsedBytes);
    }

    [Fact]
    public async Task Receipts_of_strangers_and_of_nodes_far_away_credit_nothing()
    {
        await ContributeAsync(Nodes.Length, bytesEach: 2000);
        await Talk.OrderOneAsync(Alice, BrokerTalk.FileOf(Alice, 1));
        await Talk.CreditAsync(Alice, 1, Bob, SeededKeys.Get(77, 99));
        Assert.Equal(3000, (await Broker.GetTotalAsync()).UsedBytes);

        var key = BrokerTalk.FileOf(Alice, 1).FileId.RoutingKey;
        SigningKey[] farthest = [.. Nodes.OrderByDescending(node => node.PublicKey.NodeId.DistanceTo(key))];
        await Talk.CreditAsync(Alice, 1, farthest[..(Nodes.Length - 14)]);
        Assert.Equal(3000, (await Broker.GetTotalAsync()).UsedBytes);
        await Talk.CreditAsync(Alice, 1, farthest);
        Assert.Equal(0, (await Broker.GetTotalAsync()).UsedBytes);
    }

    [Fact]
    public async Task Forged_receipts_and_those_for_other_files_credit_nothing()
    {
        await ContributeAsync(3, bytesEach: 4000);
        await Talk.OrderAsync(Alice, BrokerTalk.FileOf(Alice, 1), BrokerTalk.FileOf(Alice, 2));
        var certificate = BrokerTalk.TakeBack(Alice, 1);
        ReclaimReceipt[] forged =
        [
            Forge(ReclaimReceipt.Create(certificate, 1000, Nodes[0], TestFiles.Created)),
            ReclaimReceipt.Create(BrokerTalk.TakeBack(Alice, 2), 1000, Nodes[1], TestFiles.Created),
        ];
        Assert.Equal(BrokerStanding.Answered, (await Talk.AskAsync(BrokerTalk.Bearer, BrokerTalk.CreditOf(certificate, forged))).Standing);
        Assert.Equal(6000, (await Broker.GetTotalAsync()).UsedBytes);

        // A stranger takes nothing back.
        var stolen = SignedStatement.Sign(Bob, ReclaimCertificate.Purpose, certificate.Statement.Body.AsSpan());
        var receipts = Nodes[..3].Select(node => ReclaimReceipt.Create(certificate, 1000, node, TestFiles.Created).Encoded);
        Assert.Equal(BrokerStanding.NotBelieved, (await Talk.AskAsync(BrokerTalk.Bearer, BrokerTalk.Request(BrokerAct.Credit, stolen, [.. receipts]))).Standing);
        Assert.Equal(BrokerStanding.NotKnown, (await Talk.CreditAsync(Alice, 3, Nodes[..3])).Standing);
        Assert.Equal(6000, (await Broker.GetTotalAsync()).UsedBytes);
    }

    [Fact]
    public async Task Neighbours_of_the_holders_credit_nothing_for_these()
    {
        await ContributeAsync(Nodes.Length, bytesEach: 2000);
        await Talk.OrderOneAsync(Alice, BrokerTalk.FileOf(Alice, 1));
        var certificate = BrokerTalk.TakeBack(Alice, 1);
        ReclaimReceipt[] receipts = [.. Nodes.OrderBy(node => node.PublicKey.NodeId.DistanceTo(certificate.FileId.RoutingKey))
            .Select(node => ReclaimReceipt.Create(certificate, null, node, TestFiles.Created))];
        await Talk.AskAsync(BrokerTalk.Bearer, BrokerTalk.CreditOf(certificate, receipts[3..]));
        Assert.Equal(3000, (await Broker.GetTotalAsync()).UsedBytes);
        await Talk.AskAsync(BrokerTalk.Bearer, BrokerTalk.CreditOf(certificate, receipts[2..]));
        Assert.Equal(2000, (await Broker.GetTotalAsync()).UsedBytes);
    }

    [Fact]
    public async Task Nodes_that_never_held_the_file_credit_a_failed_insert()
    {
        await ContributeAsync(3, bytesEach: 4000);
        await Talk.OrderOneAsync(Alice, BrokerTalk.FileOf(Alice, 1));
        var certificate = BrokerTalk.TakeBack(Alice, 1);
        var receipts = Nodes[..3].Select(node => ReclaimReceipt.Create(certificate, null, node, TestFiles.Created));
        await Talk.AskAsync(BrokerTalk.Bearer, BrokerTalk.CreditOf(certificate, [.. receipts]));
        Assert.Equal(0, (await Broker.GetTotalAsync()).UsedBytes);
    }

    [Theory]
    [InlineData(1)]
    public void Options_outside_of_their_range_are_refused(int one)
    {
        BrokerOptions[] wrong =
        [
            new() { GrantFraction = 0 },
            new() { GrantFraction = one + 0.001 },
            new() { ReplicaBytesMin = 0 },
            new() { PermitLifetime = TimeSpan.FromDays(8) },
            new() { ContributionBytesMax = 0 },
            new() { ContributionLifetimeMax = TimeSpan.FromSeconds(1) },
            new() { ContributorsMax = 0 },
        ];
        Assert.All(wrong, options => Assert.Throws<PastException>(options.Validate));
    }

    public virtual async Task DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }
    }

    protected async Task ContributeAsync(int nodes, long bytesEach)
    {
        foreach (var node in Nodes.Take(nodes))
        {
            Assert.Equal(BrokerStanding.Answered, (await Talk.ContributeAsync(node, Alice, bytesEach)).Standing);
        }
    }

    /// <summary>Opens the same books as another process would.</summary>
    protected async Task ReopenAsync()
    {
        await Broker.DisposeAsync();
        (_broker, _talk) = (null, null);
    }

    private static ReclaimReceipt Forge(ReclaimReceipt receipt)
    {
        var bytes = receipt.Encoded.ToArray();
        bytes[^1] ^= 1;
        return ReclaimReceipt.TryRead(bytes, out var forged) ? forged : throw new InvalidOperationException("Its form is right.");
    }
}
