using P2P.Pastry;

namespace P2P.Past;

/// <summary>
/// Inserts a file under one salt after the other, while nodes at its place on the ring have no room for it (file diversion, PAST §3.4). What other nodes
/// of a place without room have stored is taken back. Where a quota is asked, it is asked for each salt, and what is refused for any reason is taken back,
/// so that it is credited; and so is what ends without a result, whose salt nobody learns.
/// </summary>
/// <remarks>What is taken back is so in the node's time: a user who gives up neither waits for it nor ends it.</remarks>
internal sealed class SaltedInsert(
    PastPort port,
    UserOperations operations,
    QuotaGate quota,
    PastOptions limits,
    string name,
    ISigner owner,
    ContentTree tree,
    IContentSource content,
    InsertOptions options)
{
    private const int SaltLength = 16;

    private readonly List<Task> _reclaims = [];

    public async ValueTask<InsertResult> RunAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var result = await InsertAsync(Salt(attempt), cancellationToken).ConfigureAwait(false);
            if (result is InsertResult.Refused { Reason: StoreRefusal.NoRoom } && attempt < SaltsMax)
            {
                continue;
            }

            await WhenTakenBack(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return result;
        }
    }

    private async ValueTask<InsertResult> InsertAsync(byte[] salt, CancellationToken cancellationToken)
    {
        Task<QuotaAnswer>? asked = null;
        try
        {
            asked = RequestAsync(salt);
            var answer = await asked.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (answer is QuotaAnswer.Exceeded && _reclaims.Count > 0)
            {
                // What an earlier salt has taken of it comes back first.
                await WhenTakenBack(cancellationToken).ConfigureAwait(false);
                asked = RequestAsync(salt);
                answer = await asked.WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            var permit = (answer as QuotaAnswer.Granted)?.Permit;
            var certificate = await FileCertificate.CreateAsync(
                name, owner, tree, options.ReplicaCount, salt, port.Time.GetUtcNow(), options.Metadata, permit, cancellationToken).ConfigureAwait(false);
            return QuotaGate.Refuse(answer, certificate) ?? await InsertAsync(certificate, cancellationToken).ConfigureAwait(false);
        }
        catch when (quota.IsAsked && asked is not null && !HasOwnSalts)
        {
            _ = TakeBackAsync(salt, asked);
            throw;
        }
    }

    private async ValueTask<InsertResult> InsertAsync(FileCertificate certificate, CancellationToken cancellationToken)
    {
        var result = await operations.InsertAsync(certificate, tree, content, options.Progress, cancellationToken).ConfigureAwait(false);
        await quota.EndedAsync(result, cancellationToken).ConfigureAwait(false);
        if (!HasOwnSalts && result is InsertResult.Refused refused && (refused.Reason == StoreRefusal.NoRoom || quota.IsAsked))
        {
            _reclaims.Add(TakeBackAsync([.. certificate.Salt], asked: null));
        }

        return result;
    }

    /// <summary>Takes back what is stored, or may be debited, of a file that is not to be; what can't be reached stays, as after any reclaim.</summary>
    /// <param name="salt">The salt that gives its id.</param>
    /// <param name="asked">What the quota says, where the insert has ended before it did or because of that.</param>
    private async Task TakeBackAsync(byte[] salt, Task<QuotaAnswer>? asked)
    {
        try
        {
            // The owner signs first: with a key at hand at once, which may be gone when the user has given up.
            var reclaim = await ReclaimCertificate.CreateAsync(name, owner, salt, port.Time.GetUtcNow(), port.Closing).ConfigureAwait(false);
            if (asked is null || await MayBeDebitedAsync(asked).ConfigureAwait(false))
            {
                var ended = await operations.ReclaimAsync(reclaim, port.Closing).ConfigureAwait(false);
                await quota.CreditAsync(reclaim, ended, port.Closing).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // The insert's own outcome is what its user waits for.
            if (!port.Closing.IsCancellationRequested)
            {
                quota.NotTakenBack(exception, FileId.Compute(name, owner.PublicKey, salt));
            }
        }
    }

    /// <summary>Waits for what the quota says: a credit that comes before its debit is none.</summary>
    private static async ValueTask<bool> MayBeDebitedAsync(Task<QuotaAnswer> asked)
    {
        await ((Task)asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !asked.IsCompletedSuccessfully || asked.Result is QuotaAnswer.Granted or QuotaAnswer.Unavailable;
    }

    private Task<QuotaAnswer> RequestAsync(byte[] salt) => quota.RequestAsync(FileId.Compute(name, owner.PublicKey, salt), owner, tree, options);

    private Task WhenTakenBack(CancellationToken cancellationToken) => Task.WhenAll(_reclaims).WaitAsync(cancellationToken);

    /// <summary>Whether others may know the salts: then the id may be that of another's file, which must not be taken back.</summary>
    private bool HasOwnSalts => options.Salts.Count > 0;

    private int SaltsMax => HasOwnSalts ? options.Salts.Count : limits.SaltsMax;

    private byte[] Salt(int attempt)
    {
        if (HasOwnSalts)
        {
            return options.Salts[attempt - 1].ToArray();
        }

        var salt = new byte[SaltLength];
        port.FillRandom(salt);
        return salt;
    }
}
