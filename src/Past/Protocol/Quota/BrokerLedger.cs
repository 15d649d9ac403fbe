using System.Runtime.InteropServices;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Balances what owners store with what nodes contribute (PAST §2.2): demand never grows beyond supply. It decides and counts; who calls it loads a file's
/// debit before, and keeps what has changed after.
/// </summary>
/// <remarks>
/// Supply may shrink below demand, as contributors leave. Nobody can be made to forget files then: no more are permitted until demand fits again, neither to
/// owners whose contributors have left nor, where the sum does not fit, to anybody.
/// </remarks>
internal sealed class BrokerLedger(BrokerOptions options)
{
    private const long Million = 1_000_000;

    /// <summary>Nodes that gave a replica up count as far from the id as replicas may stray while the ring changes: as far again, and eight more.</summary>
    private const int ClosestExtra = 8;

    private readonly long _grantMillionths = (long)Math.Round(options.GrantFraction * Million);
    private readonly Dictionary<Hash256, long> _used = [];
    private readonly ContributorTable _contributors = new();
    private readonly Dictionary<NodeId, Hash256> _indebted = [];
    private long _usedTotal;
    private long _lastSerial;

    /// <summary>What all owners together may use, and use.</summary>
    public QuotaAccount Total => new(_usedTotal, Granted(_contributors.TotalBytes));

    /// <summary>What an owner may use, and uses.</summary>
    public QuotaAccount AccountOf(Hash256 owner) => new(_used.GetValueOrDefault(owner), Granted(_contributors.SuppliedTo(owner)));

    /// <summary>Enters what was kept: contributions.</summary>
    public void Load(Contribution contribution) => _contributors.Set(contribution);

    /// <summary>Enters what was kept: how much an owner uses.</summary>
    public void Load(Hash256 owner, long usedBytes) => Use(owner, usedBytes);

    /// <summary>Enters what was kept: the number of the last debit.</summary>
    public void LoadSerial(long last) => _lastSerial = last;

    /// <summary>Removes the contributions that were not renewed in time.</summary>
    public IReadOnlyList<NodeId> Expire(DateTimeOffset now)
    {
        var expired = new List<NodeId>();
        while (_contributors.TryExpire(now, out var contribution))
        {
            expired.Add(contribution.Node);
            NoteDebts(contribution.Node, contribution.Account);
        }

        return expired;
    }

    /// <summary>
    /// Takes a node's word of what it contributes. A node whose account uses more than others supply to it can't contribute for another account: the same disk
    /// would be granted twice.
    /// </summary>
    /// <returns>What is to be kept; null where a later word is known already, there are too many contributors, or the node is bound to another account.</returns>
    public Contribution? Contribute(Contribution word)
    {
        var known = _contributors.Find(word.Node);
        if (known is null ? _contributors.Count >= options.ContributorsMax : word.Sequence < known.Sequence)
        {
            return null;
        }

        if (known is not null && known.Account != word.Account)
        {
            NoteDebts(word.Node, known.Account, known.CapacityBytes);
        }

        if (_indebted.TryGetValue(word.Node, out var account) && account != word.Account)
        {
            NoteDebts(word.Node, account, known?.Account == account ? known.CapacityBytes : 0);
            if (_indebted.ContainsKey(word.Node))
            {
                return null;
            }
        }

        var taken = word with { CapacityBytes = Math.Min(word.CapacityBytes, options.ContributionBytesMax) };
        _contributors.Set(taken);
        return taken;
    }

    /// <summary>Permits a file, once: who asks again for the same gets the same permit, and is not debited again.</summary>
    /// <param name="owner">The hash of the owner's key.</param>
    /// <param name="file">The file.</param>
    /// <param name="known">The file's debit, where there is one.</param>
    /// <param name="now">The time.</param>
    /// <returns>The debit is to be kept where it differs from the known one.</returns>
    public (PermitVerdict Verdict, Debit? Debit) Permit(Hash256 owner, in OrderedFile file, Debit? known, DateTimeOffset now)
    {
        if (known is not null)
        {
            return (known.Account, known.ContentLength, known.ReplicaCount) != (owner, file.ContentLength, file.ReplicaCount) ? (PermitVerdict.Conflict, known)
                : known.CreditedCount > 0 ? (PermitVerdict.TakenBack, known)
                : (PermitVerdict.Permitted, Renew(known, now));
        }

        if (_contributors.ContributorCount < file.ReplicaCount)
        {
            return (PermitVerdict.TooFewContributors, null);
        }

        var replicaBytes = ReplicaBytesOf(file);
        var cost = replicaBytes * file.ReplicaCount;
        if (cost > Room(owner))
        {
            return (PermitVerdict.Exceeded, null);
        }

        Use(owner, cost);
        return (PermitVerdict.Permitted, new Debit(file.FileId, owner, file.ContentLength, file.ReplicaCount, replicaBytes, ++_lastSerial, now, now + options.PermitLifetime));
    }

    /// <summary>How much a file counts against its owner's quota.</summary>
    public long CostOf(in OrderedFile file) => ReplicaBytesOf(file) * file.ReplicaCount;

    /// <summary>How much an owner may add: no more than was granted to that owner, nor to all.</summary>
    public long Room(Hash256 owner)
    {
        var (account, total) = (AccountOf(owner), Total);
        return Math.Min(account.GrantedBytes - account.UsedBytes, total.GrantedBytes - total.UsedBytes);
    }

    /// <summary>Credits replicas of a file that its owner has taken back: one for each contributor close to the id that has signed so.</summary>
    /// <remarks>
    /// Who never held the file counts only where it should have: an owner could else have the file credited by the neighbours of its holders, and leave those alone.
    /// One of the k closest, however, tells the others when they offer it the file.
    /// </remarks>
    /// <param name="debit">The file's debit.</param>
    /// <param name="counted">The nodes whose receipts have been counted before; none counts twice.</param>
    /// <param name="signers">The nodes that have signed, which has been verified.</param>
    /// <returns>The debit as it is to be kept, and the nodes that count now.</returns>
    public (Debit Debit, IReadOnlyList<NodeId> Counted) Credit(Debit debit, IReadOnlySet<NodeId> counted, IEnumerable<ReclaimSigner> signers)
    {
        var key = debit.FileId.RoutingKey;
        var holders = _contributors.ClosestTo(key, debit.ReplicaCount);
        var closest = _contributors.ClosestTo(key, 2 * debit.ReplicaCount + ClosestExtra);
        NodeId[] counting = [.. signers
            .Where(signer => (signer.HasHeld ? closest : holders).Contains(signer.Node) && !counted.Contains(signer.Node))
            .Select(signer => signer.Node).Distinct().Take(debit.ReplicaCount - debit.CreditedCount)];
        var credited = debit with { CreditedCount = debit.CreditedCount + counting.Length };
        Use(debit.Account, credited.OutstandingBytes - debit.OutstandingBytes);
        return (credited, counting);
    }

    /// <summary>Remembers, or forgets, that a node's account uses more than it is granted without what the node supplies.</summary>
    private void NoteDebts(NodeId node, Hash256 account, long suppliedBytes = 0)
    {
        if (_used.GetValueOrDefault(account) <= Granted(_contributors.SuppliedTo(account) - suppliedBytes))
        {
            _indebted.Remove(node);
        }
        else if (_indebted.Count < options.ContributorsMax || _indebted.ContainsKey(node))
        {
            _indebted[node] = account;
        }
    }

    private Debit Renew(Debit debit, DateTimeOffset now) =>
        debit.ExpiresAt - now < options.PermitLifetime / 2 ? debit with { ExpiresAt = now + options.PermitLifetime } : debit;

    private long ReplicaBytesOf(in OrderedFile file) => Math.Max(file.ContentLength, options.ReplicaBytesMin);

    private long Granted(long suppliedBytes) => (long)((Int128)suppliedBytes * _grantMillionths / Million);

    private void Use(Hash256 owner, long bytes)
    {
        _usedTotal += bytes;
        ref var used = ref CollectionsMarshal.GetValueRefOrAddDefault(_used, owner, out _);
        used += bytes;
        if (used == 0)
        {
            _used.Remove(owner);
        }
    }
}
