using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using P2P.Past.Protocol;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>
/// Stands between a node's users and their quota: asks before an insert, and tells of its end and of what was taken back. That goes on, as long as the node does, when the
/// user has given up: what was debited is not forgotten.
/// </summary>
/// <param name="quota">Who grants room; null where nobody is asked.</param>
/// <param name="logger">Learns what went wrong where no user waits for it.</param>
/// <param name="closing">Is set when the node stops.</param>
internal sealed class QuotaGate(IQuota? quota, ILogger logger, CancellationToken closing)
{
    private static readonly Task<QuotaAnswer> Free = Task.FromResult<QuotaAnswer>(new QuotaAnswer.Granted(Permit: null));

    /// <summary>Tells whether somebody grants room, and credits what is taken back.</summary>
    public bool IsAsked => quota is not null;

    public Task<QuotaAnswer> RequestAsync(FileId fileId, ISigner owner, ContentTree content, InsertOptions options) =>
        quota is null ? Free : AnswerAsync(quota.RequestAsync(new QuotaRequest(fileId, owner, content.Layout.Length, options.ReplicaCount), closing).AsTask());

    /// <summary>Gives the outcome of an insert for which there is no room; null where there is.</summary>
    public static InsertResult? Refuse(QuotaAnswer answer, FileCertificate certificate) => answer switch
    {
        QuotaAnswer.Granted => null,
        QuotaAnswer.Exceeded exceeded => new InsertResult.QuotaExceeded(certificate, exceeded.UsedBytes, exceeded.GrantedBytes, exceeded.NeededBytes),
        QuotaAnswer.Denied denied => new InsertResult.Refused(certificate, [], denied.Reason),
        _ => new InsertResult.QuotaUnavailable(certificate),
    };

    /// <summary>Tells the quota how an insert ended, and waits for that until the user gives up.</summary>
    public async ValueTask EndedAsync(InsertResult result, CancellationToken cancellationToken)
    {
        if (quota is not null)
        {
            await TellAsync(quota, result).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Has a file credited that was taken back, as far as nodes have signed that they hold it no more, and waits for that until the user gives up.
    /// </summary>
    public async ValueTask CreditAsync(ReclaimCertificate certificate, ReclaimEnded ended, CancellationToken cancellationToken)
    {
        ImmutableArray<ReclaimReceipt> receipts = ended.Result switch
        {
            ReclaimResult.Reclaimed reclaimed => [.. reclaimed.Receipts, .. ended.Refusing],
            ReclaimResult.Indeterminate indeterminate => [.. indeterminate.Receipts, .. ended.Refusing],
            _ => ended.Refusing,
        };
        if (quota is not null && !receipts.IsEmpty)
        {
            await CreditAsync(quota, certificate, receipts).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Notes that what an insert without a result has debited could not be taken back.</summary>
    public void NotTakenBack(Exception exception, FileId fileId)
    {
        if (quota is not null)
        {
            logger.DebitLeft(exception, fileId);
        }
    }

    private async Task<QuotaAnswer> AnswerAsync(Task<QuotaAnswer> asked)
    {
        try
        {
            return await asked.ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (closing.IsCancellationRequested)
        {
            throw new PastException("The node was stopped before the quota had answered.", exception);
        }
    }

    private async Task TellAsync(IQuota quota, InsertResult result)
    {
        try
        {
            await quota.InsertEndedAsync(result, closing).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or PastException or PastryException)
        {
            // The outcome stays what it is.
            logger.QuotaNotTold(exception, result.FileId);
        }
    }

    private async Task CreditAsync(IQuota quota, ReclaimCertificate certificate, ImmutableArray<ReclaimReceipt> receipts)
    {
        try
        {
            await quota.CreditAsync(certificate, receipts, closing).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or PastException or PastryException)
        {
            logger.CreditFailed(exception, certificate.FileId);
        }
    }
}
