using P2P.Past.Protocol;
using P2P.Past.Wire;

namespace P2P.Past;

/// <summary>
/// Carries users' inserts, lookups and reclaims through the machine, and waits for how they end. A bounded number is under way; further ones wait for
/// one of the places.
/// </summary>
internal sealed class UserOperations(PastPort port, PendingOperations pending, SemaphoreSlim places, ReplicaServer server, PastOptions options)
{
    public async ValueTask<InsertResult> InsertAsync(
        FileCertificate certificate, ContentTree tree, IContentSource content, IProgress<InsertProgress>? progress, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, port.Closing);
        try
        {
            await places.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception)
        {
            throw Stopped($"the insert of {certificate.FileId} began", exception, cancellationToken);
        }

        try
        {
            var source = new SourceContent(certificate, tree, content);
            await using (source.ConfigureAwait(false))
            {
                return await InsertAsync(source, progress, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            places.Release();
        }
    }

    public async ValueTask<LookupResult> LookupAsync(FileId fileId, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, port.Closing);
        try
        {
            await places.WaitAsync(either.Token).ConfigureAwait(false);
            try
            {
                return await LookupInTurnAsync(fileId, either.Token).ConfigureAwait(false);
            }
            finally
            {
                places.Release();
            }
        }
        catch (Exception exception) when (PastPort.IsStopping(exception))
        {
            throw Stopped($"the lookup of {fileId} was answered", exception, cancellationToken);
        }
    }

    public async ValueTask<ReclaimEnded> ReclaimAsync(ReclaimCertificate certificate, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, port.Closing);
        try
        {
            await places.WaitAsync(either.Token).ConfigureAwait(false);
            try
            {
                return await ReclaimInTurnAsync(certificate, either.Token).ConfigureAwait(false);
            }
            finally
            {
                places.Release();
            }
        }
        catch (Exception exception) when (PastPort.IsStopping(exception))
        {
            throw Stopped($"all nodes had answered that {certificate.FileId} is taken back", exception, cancellationToken);
        }
    }

    private async ValueTask<InsertResult> InsertAsync(SourceContent source, IProgress<InsertProgress>? progress, CancellationToken cancellationToken)
    {
        var certificate = source.Certificate;
        var inline = await ReadInlineAsync(source, cancellationToken).ConfigureAwait(false);
        if (inline is null)
        {
            server.Offer(source);
        }

        var insert = pending.Begin(progress);
        try
        {
            await port.PostAsync(new StartInsert(insert.Operation, certificate, inline), cancellationToken).ConfigureAwait(false);
            await EndOrCancelAsync(insert, source, cancellationToken).ConfigureAwait(false);
            return source.Failed.IsCompleted && !insert.Ended.Task.IsCompleted
                ? throw await source.Failed.ConfigureAwait(false)
                : await insert.Ended.Task.WaitAsync(port.Closing).ConfigureAwait(false);
        }
        catch (Exception exception) when (PastPort.IsStopping(exception))
        {
            throw Stopped($"the insert of {certificate.FileId} was done; some replicas may have been stored", exception, cancellationToken);
        }
        finally
        {
            pending.End(insert);
            server.TakeBack(source);
        }
    }

    /// <summary>Waits until the insert ends, its source fails or the user gives up; then the machine is told, and ends it.</summary>
    private async ValueTask EndOrCancelAsync(PendingInsert insert, SourceContent source, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, port.Closing);
        try
        {
            await Task.WhenAny(insert.Ended.Task, source.Failed).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!port.Closing.IsCancellationRequested)
        {
            // What is known so far is the outcome.
        }

        if (!insert.Ended.Task.IsCompleted)
        {
            await port.PostAsync(new CancelOperation(insert.Operation), port.Closing).ConfigureAwait(false);
        }
    }

    private async ValueTask<LookupResult> LookupInTurnAsync(FileId fileId, CancellationToken cancellationToken)
    {
        var lookup = pending.Begin();
        try
        {
            await port.PostAsync(new StartLookup(lookup.Operation, fileId), cancellationToken).ConfigureAwait(false);
            return await lookup.Ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // The machine keeps a lookup that was answered until the user's side has believed the answer.
            pending.End(lookup);
            await port.CancelAsync(lookup.Operation).ConfigureAwait(false);
        }
    }

    private async ValueTask<ReclaimEnded> ReclaimInTurnAsync(ReclaimCertificate certificate, CancellationToken cancellationToken)
    {
        var reclaim = pending.BeginReclaim();
        try
        {
            await port.PostAsync(new StartReclaim(reclaim.Operation, certificate), cancellationToken).ConfigureAwait(false);
            return await reclaim.Ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            pending.End(reclaim);
            await port.CancelAsync(reclaim.Operation).ConfigureAwait(false);
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> ReadInlineAsync(SourceContent source, CancellationToken cancellationToken)
    {
        if (source.Certificate.ContentLength > options.InlineLengthMax)
        {
            return null;
        }

        var bytes = new byte[source.Certificate.ContentLength];
        await source.ReadLeafAsync(0, bytes, cancellationToken).ConfigureAwait(false);
        return bytes;
    }

    private static PastException Stopped(string before, Exception exception, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new PastException($"The node was stopped before {before}.", exception);
    }
}
