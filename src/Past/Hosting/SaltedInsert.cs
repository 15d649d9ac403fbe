using P2P.Pastry;

namespace P2P.Past;

/// <summary>
/// Inserts a file under one salt after the other, while nodes at its place on the ring have no room for it (file diversion, PAST §3.4). What other nodes
/// of a place without room have stored is taken back. Where a quota is asked, it is asked for each salt, and what is refused for any reason is taken back,
/// so that it is credited.
/// </summary>
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
            var salt = new byte[SaltLength];
            port.FillRandom(salt);
            var answer = await RequestAsync(FileId.Compute(name, owner.PublicKey, salt), cancellationToken).ConfigureAwait(false);
            var permit = (answer as QuotaAnswer.Granted)?.Permit;
            var certificate = await FileCertificate.CreateAsync(
                name, owner, tree, options.ReplicaCount, salt, port.Time.GetUtcNow(), options.Metadata, permit, cancellationToken).ConfigureAwait(false);
            var result = QuotaGate.Refuse(answer, certificate) ?? await InsertAsync(certificate, cancellationToken).ConfigureAwait(false);
            if (result is InsertResult.Refused { Reason: StoreRefusal.NoRoom } && attempt < limits.SaltsMax)
            {
                continue;
            }

            await Task.WhenAll(_reclaims).ConfigureAwait(false);
            return result;
        }
    }

    /// <summary>Asks for room. What an earlier salt has taken of it may come back first.</summary>
    private async ValueTask<QuotaAnswer> RequestAsync(FileId fileId, CancellationToken cancellationToken)
    {
        var answer = await quota.RequestAsync(fileId, owner, tree, options, cancellationToken).ConfigureAwait(false);
        if (answer is not QuotaAnswer.Exceeded || _reclaims.Count == 0)
        {
            return answer;
        }

        await Task.WhenAll(_reclaims).ConfigureAwait(false);
        return await quota.RequestAsync(fileId, owner, tree, options, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<InsertResult> InsertAsync(FileCertificate certificate, CancellationToken cancellationToken)
    {
        var result = await operations.InsertAsync(certificate, tree, content, options.Progress, cancellationToken).ConfigureAwait(false);
        await quota.EndedAsync(result, cancellationToken).ConfigureAwait(false);
        if (result is InsertResult.Refused refused && (refused.Reason == StoreRefusal.NoRoom || quota.IsAsked))
        {
            _reclaims.Add(TakeBackAsync(certificate, cancellationToken));
        }

        return result;
    }

    /// <summary>Takes back what is stored of a file that was refused; what can't be reached stays, as after any reclaim.</summary>
    private async Task TakeBackAsync(FileCertificate certificate, CancellationToken cancellationToken)
    {
        try
        {
            var reclaim = await ReclaimCertificate.CreateAsync(certificate, owner, port.Time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            var ended = await operations.ReclaimAsync(reclaim, cancellationToken).ConfigureAwait(false);
            await quota.CreditAsync(reclaim, ended, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is PastException or OperationCanceledException)
        {
            // The insert's own outcome is what its user waits for.
        }
    }
}
