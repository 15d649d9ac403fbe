using P2P.Pastry;

namespace P2P.Past;

/// <summary>
/// Inserts a file under one salt after the other, while nodes at its place on the ring have no room for it (file diversion, PAST §3.4). What other nodes
/// of a place without room have stored is taken back.
/// </summary>
internal sealed class SaltedInsert(
    PastPort port, UserOperations operations, PastOptions limits, string name, ISigner owner, ContentTree tree, IContentSource content, InsertOptions options)
{
    private const int SaltLength = 16;

    public async ValueTask<InsertResult> RunAsync(CancellationToken cancellationToken)
    {
        var reclaims = new List<Task>();
        for (var attempt = 1; ; attempt++)
        {
            var certificate = await CertifyAsync(cancellationToken).ConfigureAwait(false);
            var result = await operations.InsertAsync(certificate, tree, content, options.Progress, cancellationToken).ConfigureAwait(false);
            if (result is InsertResult.Refused { Reason: StoreRefusal.NoRoom })
            {
                reclaims.Add(TakeBackAsync(certificate, cancellationToken));
                if (attempt < limits.SaltsMax)
                {
                    continue;
                }
            }

            await Task.WhenAll(reclaims).ConfigureAwait(false);
            return result;
        }
    }

    private async ValueTask<FileCertificate> CertifyAsync(CancellationToken cancellationToken)
    {
        var salt = new byte[SaltLength];
        port.FillRandom(salt);
        return await FileCertificate.CreateAsync(
            name, owner, tree, options.ReplicaCount, salt, port.Time.GetUtcNow(), options.Metadata, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes back what is stored of a file that was refused; what can't be reached stays, as after any reclaim.</summary>
    private async Task TakeBackAsync(FileCertificate certificate, CancellationToken cancellationToken)
    {
        try
        {
            var reclaim = await ReclaimCertificate.CreateAsync(certificate, owner, port.Time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            await operations.ReclaimAsync(reclaim, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is PastException or OperationCanceledException)
        {
            // The insert's own outcome is what its user waits for.
        }
    }
}
