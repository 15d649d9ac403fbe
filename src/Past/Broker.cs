using System.Collections.Immutable;
using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>
/// Balances demand with supply (PAST §2.2): nodes contribute storage for owners' accounts, owners are granted a part of it, each file is debited before it is stored,
/// and credited when nodes have signed that they gave it up. Nodes of the ring reach it through the <see cref="BrokerQuota"/> of the node that it runs on.
/// </summary>
/// <remarks>
/// <para>
/// Contributions are claims: who runs nodes says what they contribute. A ring that can't rely on that admits only nodes that its authority knows
/// (<see cref="AuthorityAdmission"/>), and bounds what each may claim.
/// </para>
/// <para>May be used concurrently. The broker is its user's to dispose of, after the nodes that it runs on.</para>
/// </remarks>
public sealed class Broker : IAsyncDisposable
{
    private readonly ISigner _key;
    private readonly BrokerOptions _options;
    private readonly TimeProvider _time;
    private readonly IBrokerBooks _books;
    private readonly Hash256 _name;

    private Broker(ISigner key, BrokerOptions options, TimeProvider time, IBrokerBooks books)
    {
        _key = key;
        _options = options;
        _time = time;
        _books = books;
        _name = InsertPermit.HashOf(key.PublicKey);
    }

    /// <summary>The key that nodes trust: put it into their <see cref="PastStoreOptions.Brokers"/>.</summary>
    public PublicKey PublicKey => _key.PublicKey;

    /// <summary>Opens a broker's books, or begins new ones.</summary>
    /// <param name="path">The file of its database, in a directory that is there; it belongs to this broker alone, and so do the files beside it whose names begin alike.</param>
    /// <param name="key">Signs for the broker.</param>
    /// <param name="options">Its rules. They may change from one opening to the next; what was debited stays.</param>
    /// <param name="time">The clock; default the system's.</param>
    /// <exception cref="PastException">The books can't be used, or an option is outside of its range.</exception>
    public static async ValueTask<Broker> OpenAsync(string path, ISigner key, BrokerOptions? options = null, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(key);
        options ??= new BrokerOptions();
        options.Validate();
        var books = await Task.Run(() => DiskBrokerBooks.Open(Path.GetFullPath(path), options)).ConfigureAwait(false);
        return new Broker(key, options, time ?? TimeProvider.System, books);
    }

    /// <summary>Makes a broker that forgets everything when its process ends, for tests and simulations.</summary>
    /// <param name="key">Signs for the broker.</param>
    /// <param name="options">Its rules.</param>
    /// <param name="time">The clock; default the system's.</param>
    /// <exception cref="PastException">An option is outside of its range.</exception>
    public static Broker InMemory(ISigner key, BrokerOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        options ??= new BrokerOptions();
        options.Validate();
        return new Broker(key, options, time ?? TimeProvider.System, new MemoryBrokerBooks(options));
    }

    /// <summary>Shows an owner's account.</summary>
    /// <exception cref="PastException">The books can't be read.</exception>
    public ValueTask<QuotaAccount> GetAccountAsync(PublicKey owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return _books.RunAsync(desk => desk.AccountOf(InsertPermit.HashOf(owner), Now()));
    }

    /// <summary>Shows what all owners use together, and may use.</summary>
    /// <exception cref="PastException">The books can't be read.</exception>
    public ValueTask<QuotaAccount> GetTotalAsync() => _books.RunAsync(desk => desk.Total(Now()));

    /// <summary>Closes the books when all that was decided is durable.</summary>
    public ValueTask DisposeAsync() => _books.DisposeAsync();

    /// <summary>Answers what a node asks, as far as that proves something. What is signed is durable.</summary>
    /// <param name="from">The node that asks, which the transport has proven.</param>
    /// <param name="request">What it asks.</param>
    /// <param name="cancellationToken">Gives up; it may have been decided by then, and who asks again gets the same answer.</param>
    /// <returns>Null where the request is no such thing.</returns>
    /// <exception cref="PastException">The books can't be kept.</exception>
    internal async ValueTask<ImmutableArray<byte>?> AnswerAsync(NodeId from, BrokerRequest request, CancellationToken cancellationToken)
    {
        var outcome = request.Act switch
        {
            BrokerAct.Order when PermitOrder.TryRead(request.Statement.AsMemory(), out var order) =>
                await OrderAsync(from, order, cancellationToken).ConfigureAwait(false),
            BrokerAct.Contribute when ContributionClaim.TryRead(request.Statement.AsMemory(), out var claim) =>
                new Outcome(await ContributeAsync(from, claim).ConfigureAwait(false)),
            BrokerAct.Credit when ReclaimCertificate.TryRead(request.Statement.AsMemory(), out var certificate) =>
                new Outcome(await CreditAsync(certificate, request.Receipts).ConfigureAwait(false)),
            _ => null,
        };
        return outcome is null ? null : await SignAsync(Hash256.Compute(request.Statement.AsSpan()), outcome, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Outcome> OrderAsync(NodeId from, PermitOrder order, CancellationToken cancellationToken)
    {
        if (order.Bearer != from || order.Broker != _name || !order.Verify())
        {
            return new Outcome(BrokerStanding.NotBelieved);
        }

        var owner = InsertPermit.HashOf(order.Owner);
        var (account, debits) = await _books.RunAsync(desk => desk.Order(owner, order.Files, Now())).ConfigureAwait(false);
        var files = new PermittedFile[debits.Count];
        for (var i = 0; i < files.Length; i++)
        {
            // Nothing is signed that is not kept: a broker that crashes in between signs when it is asked again.
            var (verdict, cost, debit) = debits[i];
            files[i] = new PermittedFile(verdict, cost, verdict == PermitVerdict.Permitted ? await IssueAsync(debit!, cancellationToken).ConfigureAwait(false) : null);
        }

        return new Outcome(BrokerStanding.Answered, account, files);
    }

    private async ValueTask<BrokerStanding> ContributeAsync(NodeId from, ContributionClaim claim)
    {
        if (claim.Node != from || claim.Broker != _name || !claim.Verify())
        {
            return BrokerStanding.NotBelieved;
        }

        var lifetime = claim.Lifetime < _options.ContributionLifetimeMax ? claim.Lifetime : _options.ContributionLifetimeMax;
        return await _books.RunAsync(desk =>
        {
            var now = Now();
            return desk.Contribute(new Contribution(claim.Node, claim.Account, claim.CapacityBytes, claim.Sequence, now + lifetime), now);
        }).ConfigureAwait(false);
    }

    private async ValueTask<BrokerStanding> CreditAsync(ReclaimCertificate certificate, ImmutableArray<ImmutableArray<byte>> receipts)
    {
        if (!certificate.Verify())
        {
            return BrokerStanding.NotBelieved;
        }

        var signers = new Dictionary<NodeId, ReclaimSigner>();
        foreach (var encoded in receipts)
        {
            if (ReclaimReceipt.TryRead(encoded.AsMemory(), out var receipt) && receipt.IsFor(certificate) && !signers.ContainsKey(receipt.Holder) && receipt.Verify())
            {
                signers.Add(receipt.Holder, new ReclaimSigner(receipt.Holder, receipt.FreedBytes is not null));
            }
        }

        var owner = InsertPermit.HashOf(certificate.Owner);
        return await _books.RunAsync(desk => desk.Credit(certificate.FileId, owner, signers.Values, Now())).ConfigureAwait(false);
    }

    private ValueTask<InsertPermit> IssueAsync(Debit debit, CancellationToken cancellationToken) => InsertPermit.IssueAsync(
        _key, debit.FileId, debit.Account, debit.ContentLength, debit.ReplicaCount, debit.Serial, debit.IssuedAt, debit.ExpiresAt, cancellationToken);

    private async ValueTask<ImmutableArray<byte>> SignAsync(Hash256 question, Outcome outcome, CancellationToken cancellationToken)
    {
        var body = BrokerAnswer.Encode(question, outcome.Standing, outcome.Account, outcome.Files ?? []);
        return (await SignedStatement.SignAsync(_key, BrokerAnswer.Purpose, body, cancellationToken).ConfigureAwait(false)).Encode();
    }

    /// <summary>The time in whole milliseconds, in which it is kept and signed.</summary>
    private DateTimeOffset Now() => StatementFields.WholeMilliseconds(_time.GetUtcNow());

    private sealed record Outcome(BrokerStanding Standing, QuotaAccount Account = default, IReadOnlyList<PermittedFile>? Files = null);
}
