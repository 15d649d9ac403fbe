using P2P.Past;
using P2P.Past.Protocol;
using P2P.Pastry;
using Past.Tests.Simulation;

namespace Past.Tests.Quota;

/// <summary>Whatever owners, nodes and time do: nobody is granted what is not there, and each replica is debited and credited once.</summary>
public sealed class BrokerLedgerTests
{
    private const int Steps = 6_000;

    private static readonly BrokerOptions Options = new() { GrantFraction = 0.75, ReplicaBytesMin = 10, PermitLifetime = TimeSpan.FromHours(1), ContributorsMax = 24 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Demand_never_grows_beyond_supply(int seed)
    {
        var random = new Random(seed);
        var ledger = new BrokerLedger(Options);
        var model = new Model();
        NodeId[] nodes = [.. Enumerable.Range(0, 30).Select(number => NodeId.FromText($"node {number} of {seed}"))];
        Hash256[] owners = [.. Enumerable.Range(0, 4).Select(number => Hash256.Compute([(byte)number]))];
        var now = TestFiles.Created;
        var permitted = 0;
        for (var step = 0; step < Steps; step++)
        {
            now += TimeSpan.FromSeconds(random.Next(60));
            foreach (var gone in ledger.Expire(now))
            {
                Assert.True(model.Expire(gone) is { } expired && expired.ExpiresAt <= now, $"seed {seed}, step {step}");
            }

            Assert.DoesNotContain(model.Contributions.Values, contribution => contribution.ExpiresAt <= now);
            switch (random.Next(10))
            {
                case 0 or 1:
                    var word = new Contribution(
                        nodes[random.Next(nodes.Length)],
                        owners[random.Next(owners.Length)],
                        random.Next(4) == 0 ? 0 : random.Next(100_000),
                        random.Next(step + 1),
                        now + TimeSpan.FromMinutes(random.Next(1, 600)));
                    Assert.Equal(model.Take(word), ledger.Contribute(word) is not null);
                    break;
                case < 6:
                    permitted += Order(ledger, model, owners, random, now) ? 1 : 0;
                    break;
                default:
                    Credit(ledger, model, nodes, random);
                    break;
            }

            model.AssertAgrees(ledger, owners, $"seed {seed}, step {step}");
        }

        Assert.InRange(permitted, 100, Steps);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Closest_contributors_are_those_of_a_sorted_list(int seed)
    {
        var random = new Random(seed);
        var table = new ContributorTable();
        var nodes = new List<NodeId>();
        for (var i = 0; i < 200; i++)
        {
            var key = SeededKeys.Get((ulong)seed, i % 10).PublicKey.NodeId;
            NodeId[] sorted = [.. nodes];
            Array.Sort(sorted, (one, other) => one == other ? 0 : one.IsCloserTo(key, other) ? -1 : 1);
            var max = random.Next(1, 20);
            Assert.Equal(sorted.Take(max).Order(), table.ClosestTo(key, max).Order());
            nodes.Add(NodeId.FromText($"{seed} {i}"));
            table.Set(new Contribution(nodes[^1], default, 1, 1, DateTimeOffset.MaxValue));
        }
    }

    [Fact]
    public void Contribution_counts_as_far_as_it_may()
    {
        var ledger = new BrokerLedger(Options with { GrantFraction = 1, ContributionBytesMax = 1000 });
        var taken = ledger.Contribute(new Contribution(NodeId.FromText("a braggart"), default, long.MaxValue, 1, DateTimeOffset.MaxValue));
        Assert.Equal(1000, taken?.CapacityBytes);
        Assert.Equal(new QuotaAccount(0, 1000), ledger.Total);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_contributor_does_not_have_its_disk_granted_to_one_account_after_the_other(bool lapses)
    {
        var ledger = new BrokerLedger(Options with { GrantFraction = 1 });
        var (first, second) = (Hash256.Compute([1]), Hash256.Compute([2]));
        var thief = NodeId.FromText("thief");
        var now = TestFiles.Created;
        foreach (var honest in new[] { "one", "two", "three" })
        {
            ledger.Contribute(new Contribution(NodeId.FromText(honest), Hash256.Compute([3]), 1000, 1, DateTimeOffset.MaxValue));
        }

        Assert.NotNull(ledger.Contribute(new Contribution(thief, first, 1000, 1, now.AddSeconds(1))));
        var file = new OrderedFile(FileId.Compute("file", TestFiles.Owner.PublicKey, []), 250, 4);
        var (verdict, debit) = ledger.Permit(first, file, known: null, now);
        Assert.Equal(PermitVerdict.Permitted, verdict);
        if (lapses)
        {
            Assert.Equal([thief], ledger.Expire(now.AddSeconds(2)));
        }

        Assert.Null(ledger.Contribute(new Contribution(thief, second, 1000, 2, DateTimeOffset.MaxValue)));
        Assert.Equal(0, ledger.AccountOf(second).GrantedBytes);

        // Who has taken back what the disk paid for may do with it as it likes.
        NodeId[] holders = [NodeId.FromText("one"), NodeId.FromText("two"), NodeId.FromText("three"), thief];
        ledger.Contribute(new Contribution(thief, first, 1000, 3, DateTimeOffset.MaxValue));
        ledger.Credit(debit!, new HashSet<NodeId>(), holders.Select(holder => new ReclaimSigner(holder, HasHeld: true)));
        Assert.NotNull(ledger.Contribute(new Contribution(thief, second, 1000, 4, DateTimeOffset.MaxValue)));
        Assert.Equal(1000, ledger.AccountOf(second).GrantedBytes);
    }

    private static bool Order(BrokerLedger ledger, Model model, Hash256[] owners, Random random, DateTimeOffset now)
    {
        var owner = owners[random.Next(owners.Length)];
        var file = new OrderedFile(FileId.Compute($"{random.Next(Steps / 20)}", TestFiles.Owner.PublicKey, []), random.Next(3) == 0 ? 0 : random.Next(5_000), random.Next(1, 6));
        var known = model.Debits.GetValueOrDefault(file.FileId);
        var expected = model.Judge(owner, file, known);
        var (verdict, debit) = ledger.Permit(owner, file, known, now);
        Assert.Equal(expected, verdict);
        if (verdict == PermitVerdict.Permitted)
        {
            Assert.Equal((owner, file.ContentLength, file.ReplicaCount), (debit!.Account, debit.ContentLength, debit.ReplicaCount));
            Assert.True(debit.ExpiresAt > now);
            Assert.True(known is null ? model.Serials.Add(debit.Serial) : known.Serial == debit.Serial);
            model.Debits[file.FileId] = debit;
        }

        return verdict == PermitVerdict.Permitted && known is null;
    }

    private static void Credit(BrokerLedger ledger, Model model, NodeId[] nodes, Random random)
    {
        if (model.Debits.Count == 0)
        {
            return;
        }

        var debit = model.Debits.Values.ElementAt(random.Next(model.Debits.Count));
        var counted = model.CountedFor(debit.FileId);
        ReclaimSigner[] signers = [.. Enumerable.Range(0, random.Next(6)).Select(_ => new ReclaimSigner(nodes[random.Next(nodes.Length)], random.Next(2) == 0))];
        var closest = model.Contributions.Values.Where(contribution => contribution.CapacityBytes > 0).Select(contribution => contribution.Node).ToList();
        closest.Sort((one, other) => one == other ? 0 : one.IsCloserTo(debit.FileId.RoutingKey, other) ? -1 : 1);
        NodeId[] expected =
        [
            .. signers.Where(signer => closest.Take(signer.HasHeld ? 2 * debit.ReplicaCount + 8 : debit.ReplicaCount).Contains(signer.Node) && !counted.Contains(signer.Node))
                .Select(signer => signer.Node).Distinct().Take(debit.ReplicaCount - debit.CreditedCount),
        ];
        var (credited, counting) = ledger.Credit(debit, counted, signers);
        Assert.Equal(expected, counting);
        Assert.Equal(debit.CreditedCount + expected.Length, credited.CreditedCount);
        counted.UnionWith(counting);
        model.Debits[debit.FileId] = credited;
    }

    /// <summary>Counts everything anew each time.</summary>
    private sealed class Model
    {
        private readonly Dictionary<FileId, HashSet<NodeId>> _counted = [];
        private readonly Dictionary<NodeId, Hash256> _lastAccounts = [];

        public Dictionary<NodeId, Contribution> Contributions { get; } = [];

        public Dictionary<FileId, Debit> Debits { get; } = [];

        public HashSet<long> Serials { get; } = [];

        public HashSet<NodeId> CountedFor(FileId file) => _counted.TryGetValue(file, out var nodes) ? nodes : _counted[file] = [];

        /// <summary>Forgets a contribution, but not whose debts it leaves.</summary>
        public Contribution? Expire(NodeId node)
        {
            if (Contributions.Remove(node, out var expired) && Used(expired.Account) > Granted(expired.Account))
            {
                _lastAccounts[node] = expired.Account;
            }
            else
            {
                _lastAccounts.Remove(node);
            }

            return expired;
        }

        public bool Take(Contribution word)
        {
            var takes = Contributions.TryGetValue(word.Node, out var known) ? word.Sequence >= known.Sequence : Contributions.Count < Options.ContributorsMax;
            var bound = known?.Account ?? (_lastAccounts.TryGetValue(word.Node, out var last) ? last : word.Account);
            if (bound != word.Account)
            {
                takes &= Used(bound) <= (Supplied(bound) - (known?.CapacityBytes ?? 0)) * 3 / 4;
            }

            if (takes)
            {
                Contributions[word.Node] = word;
            }

            return takes;
        }

        public PermitVerdict Judge(Hash256 owner, OrderedFile file, Debit? known)
        {
            if (known is not null)
            {
                return known.Account != owner || known.ContentLength != file.ContentLength || known.ReplicaCount != file.ReplicaCount ? PermitVerdict.Conflict
                    : known.CreditedCount > 0 ? PermitVerdict.TakenBack
                    : PermitVerdict.Permitted;
            }

            var cost = Math.Max(file.ContentLength, 10) * file.ReplicaCount;
            return Contributions.Values.Count(contribution => contribution.CapacityBytes > 0) < file.ReplicaCount ? PermitVerdict.TooFewContributors
                : Used(owner) + cost > Granted(owner) || Used(null) + cost > Granted(null) ? PermitVerdict.Exceeded
                : PermitVerdict.Permitted;
        }

        public void AssertAgrees(BrokerLedger ledger, Hash256[] owners, string when)
        {
            foreach (var owner in owners)
            {
                Assert.True(ledger.AccountOf(owner) == new QuotaAccount(Used(owner), Granted(owner)), when);
            }

            Assert.True(ledger.Total == new QuotaAccount(Used(null), Granted(null)), when);
            Assert.All(Debits.Values, debit => Assert.InRange(debit.CreditedCount, 0, debit.ReplicaCount));
        }

        private long Used(Hash256? owner) =>
            Debits.Values.Where(debit => owner is null || debit.Account == owner).Sum(debit => Math.Max(debit.ContentLength, 10) * (debit.ReplicaCount - debit.CreditedCount));

        private long Granted(Hash256? owner) => Supplied(owner) * 3 / 4;

        private long Supplied(Hash256? owner) =>
            Contributions.Values.Where(contribution => owner is null || contribution.Account == owner).Sum(contribution => contribution.CapacityBytes);
    }
}
