using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using P2P.Past.Protocol;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>Stands between a node's users and their quota: asks before an insert, and tells of its end and of what was taken back.</summary>
/// <param name="quota">Who grants room; null where nobody is asked.</param>
/// <param name="logger">Learns what went wrong where no user waits for it.</param>
internal sealed class QuotaGate(IQuota? quota, ILogger logger)
{
    private static readonly QuotaAnswer.Granted Free = new(Permit: null);

    /// <summary>Tells whether somebody grants room, and credits what is taken back.</summary>
    public bool IsAsked => quota is not null;

    public ValueTask<QuotaAnswer> RequestAsync(FileId fileId, ISigner owner, ContentTree content, InsertOptions options, CancellationToken cancellationToken) =>
        quota?.RequestAsync(new QuotaRequest(fileId, owner, content.Layout.Length, options.ReplicaCount), cancellationToken) ?? ValueTask.FromResult<QuotaAnswer>(Free);

    /// <summary>Gives the outcome of an insert for which there is no room; null where there is.</summary>
    public static InsertResult? Refuse(QuotaAnswer answer, FileCertificate certificate) => answer switch
    {
        QuotaAnswer.Granted => null,
        QuotaAnswer.Exceeded exceeded => new InsertResult.QuotaExceeded(certificate, exceeded.UsedBytes, exceeded.GrantedBytes, exceeded.NeededBytes),
        QuotaAnswer.Denied denied => new InsertResult.Refused(certificate, [], denied.Reason),
        _ => new InsertResult.QuotaUnavailable(certificate),
    };

    /// <summary>Tells the quota how an insert ended.</summary>
    public async ValueTask EndedAsync(InsertResult result, CancellationToken cancellationToken)
    {
        if (quota is null)
        {
            return;
        }

        try
        {
            await quota.InsertEndedAsync(result, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or PastException or PastryException)
        {
            // The outcome stays what it is.
            logger.QuotaNotTold(exception, result.FileId);
        }
    }

    /// <summary>Has a file credited that was taken back, as far as nodes have signed that they hold it no more.</summary>
    public async ValueTask CreditAsync(ReclaimCertificate certificate, ReclaimEnded ended, CancellationToken cancellationToken)
    {
        ImmutableArray<ReclaimReceipt> receipts = ended.Result switch
        {
            ReclaimResult.Reclaimed reclaimed => [.. reclaimed.Receipts, .. ended.Refusing],
            ReclaimResult.Indeterminate indeterminate => [.. indeterminate.Receipts, .. ended.Refusing],
            _ => ended.Refusing,
        };
        if (quota is null || receipts.IsEmpty)
        {
            return;
        }

        try
        {
            await quota.CreditAsync(certificate, receipts, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or PastException or PastryException)
        {
            logger.CreditFailed(exception, certificate.FileId);
        }
    }
}
