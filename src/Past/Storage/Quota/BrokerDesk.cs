using P2P.Past.Protocol;
using P2P.Past.Wire;

namespace P2P.Past;

/// <summary>Decides by the ledger, with the rows that a decision needs, and keeps what has changed. Not for concurrent use.</summary>
internal sealed class BrokerDesk(BrokerLedger ledger, IBrokerRows rows)
{
    public QuotaAccount Total(DateTimeOffset now)
    {
        Expire(now);
        return ledger.Total;
    }

    public QuotaAccount AccountOf(Hash256 owner, DateTimeOffset now)
    {
        Expire(now);
        return ledger.AccountOf(owner);
    }

    /// <summary>Permits files, each as far as there is room for it.</summary>
    public OrderOutcome Order(Hash256 owner, IReadOnlyList<OrderedFile> files, DateTimeOffset now)
    {
        Expire(now);
        var answers = new OrderedDebit[files.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            var known = rows.FindDebit(files[i].FileId);
            var (verdict, debit) = ledger.Permit(owner, files[i], known, now);
            if (debit is not null && debit != known)
            {
                rows.Keep(debit);
            }

            answers[i] = new OrderedDebit(verdict, ledger.CostOf(files[i]), debit);
        }

        var account = ledger.AccountOf(owner);
        return new OrderOutcome(account with { GrantedBytes = Math.Min(account.GrantedBytes, Math.Max(0, account.UsedBytes + ledger.Room(owner))) }, answers);
    }

    /// <summary>Counts on what a node contributes from now on.</summary>
    public BrokerStanding Contribute(Contribution word, DateTimeOffset now)
    {
        Expire(now);
        if (ledger.Contribute(word) is not { } taken)
        {
            return BrokerStanding.NotTaken;
        }

        rows.Keep(taken);
        return BrokerStanding.Answered;
    }

    /// <summary>Credits what an owner has taken back.</summary>
    /// <param name="fileId">The file.</param>
    /// <param name="owner">The hash of the owner's key.</param>
    /// <param name="signers">The nodes that have signed that they hold it no more, which has been verified.</param>
    /// <param name="now">The time.</param>
    public BrokerStanding Credit(FileId fileId, Hash256 owner, IReadOnlyCollection<ReclaimSigner> signers, DateTimeOffset now)
    {
        Expire(now);
        if (rows.FindDebit(fileId) is not { } debit || debit.Account != owner)
        {
            return BrokerStanding.NotKnown;
        }

        var (credited, counted) = ledger.Credit(debit, rows.CountedFor(fileId), signers);
        foreach (var node in counted)
        {
            rows.Count(fileId, node);
        }

        if (counted.Count > 0)
        {
            rows.Keep(credited);
        }

        return BrokerStanding.Answered;
    }

    private void Expire(DateTimeOffset now)
    {
        foreach (var node in ledger.Expire(now))
        {
            rows.ForgetContribution(node);
        }
    }
}

/// <summary>Is what an order came to: the account as it stands after it, with what it may use now, and a verdict for each file.</summary>
internal sealed record OrderOutcome(QuotaAccount Account, IReadOnlyList<OrderedDebit> Files);

/// <summary>Is what the order of a file came to: its debit, where there is one, and what it counts.</summary>
internal readonly record struct OrderedDebit(PermitVerdict Verdict, long CostBytes, Debit? Debit);
