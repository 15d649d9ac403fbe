using P2P.Past.Protocol;
using P2P.Past.Wire;

namespace P2P.Past;

/// <summary>Stores a replica for the machine: certificate checked, content stored durably, receipt signed.</summary>
/// <remarks>
/// A transfer ends after the time that its content takes at <see cref="PastOptions.TransferRateMin"/> and two times
/// <see cref="PastOptions.StallTimeout"/>, whatever its sources do: one that gives a sign of life now and then, or says that it is still waiting
/// itself, can't keep a place for ever.
/// </remarks>
internal sealed class ReplicaKeeper(PastPort port, IReplicaStore store, PastOptions options, CertificateVerifier verifier, ReplicaServer server)
{
    /// <summary>The longest that a timer runs, 49 days.</summary>
    private const double TimerSecondsMax = uint.MaxValue / 1000d - 1;

    /// <summary>Bounds how long a transfer takes in all, within what a timer can count.</summary>
    internal static TimeSpan TimeMaxOf(FileCertificate certificate, PastOptions options)
    {
        var seconds = (double)certificate.ContentLength / options.TransferRateMin + 2 * options.StallTimeout.TotalSeconds;
        return TimeSpan.FromSeconds(Math.Min(seconds, TimerSecondsMax));
    }

    /// <param name="request">The replica.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="ended">Ends the fetching of content, as if no source gave any more; what has come serves the next transfer.</param>
    public async Task<ReplicaKept> KeepAsync(KeepReplica request, CancellationToken cancellationToken, CancellationToken ended = default)
    {
        var certificate = request.Certificate;
        if (verifier.Judge(certificate) is var reason and not RefusalCode.None)
        {
            return new ReplicaKept(certificate.FileId, null, reason);
        }

        try
        {
            if (await StoreAsync(request, cancellationToken, ended).ConfigureAwait(false) is var refusal and not RefusalCode.None)
            {
                return new ReplicaKept(certificate.FileId, null, refusal);
            }

            return new ReplicaKept(certificate.FileId, StoreReceipt.Create(certificate, port.Sign, port.Time.GetUtcNow()), RefusalCode.None);
        }
        catch (ReplicaStoreFullException)
        {
            return new ReplicaKept(certificate.FileId, null, RefusalCode.NoRoom);
        }
        catch (ReplicaReclaimedException)
        {
            return new ReplicaKept(certificate.FileId, null, RefusalCode.Reclaimed);
        }
        catch (ContentVerificationException)
        {
            return new ReplicaKept(certificate.FileId, null, RefusalCode.CorruptContent);
        }
    }

    /// <summary>Signs for a replica that another node holds in this one's stead.</summary>
    public ReplicaKept AnswerFor(FileCertificate certificate) => verifier.Judge(certificate) is var reason and not RefusalCode.None
        ? new ReplicaKept(certificate.FileId, null, reason)
        : new ReplicaKept(certificate.FileId, StoreReceipt.Create(certificate, port.Sign, port.Time.GetUtcNow()), RefusalCode.None);

    private async ValueTask<RefusalCode> StoreAsync(KeepReplica request, CancellationToken cancellationToken, CancellationToken ended)
    {
        var certificate = request.Certificate;
        if (store.Contains(certificate.FileId))
        {
            return await CompareAsync(certificate, cancellationToken).ConfigureAwait(false);
        }

        if (!request.IsRepair && verifier.HasExpired(certificate, port.Time.GetUtcNow()))
        {
            return RefusalCode.PermitExpired;
        }

        try
        {
            if (request.Content is { } content)
            {
                await store.StoreAsync(certificate, content, cancellationToken).ConfigureAwait(false);
                return RefusalCode.None;
            }

            return await FetchAsync(request, cancellationToken, ended).ConfigureAwait(false);
        }
        catch (ReplicaExistsException)
        {
            return store.Contains(certificate.FileId)
                ? await CompareAsync(certificate, cancellationToken).ConfigureAwait(false)
                : RefusalCode.Busy;
        }
    }

    private async ValueTask<RefusalCode> FetchAsync(KeepReplica request, CancellationToken cancellationToken, CancellationToken ended)
    {
        using var over = new CancellationTokenSource(TimeMaxOf(request.Certificate, options), port.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, ended, cancellationToken);
        var writer = await store.BeginAsync(request.Certificate, cancellationToken).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            var leaves = LeavesOf(request, writer.NextLeaf, either.Token).GetAsyncEnumerator(either.Token);
            await using (leaves.ConfigureAwait(false))
            {
                while (await TryMoveNextAsync(leaves, cancellationToken).ConfigureAwait(false) is var next && next != Next.End)
                {
                    if (next == Next.Unreachable)
                    {
                        return RefusalCode.SourceUnreachable;
                    }

                    await AppendAsync(writer, leaves.Current, cancellationToken).ConfigureAwait(false);
                }
            }

            await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
            return RefusalCode.None;
        }
    }

    /// <summary>Writes a leaf. What finds no room for its rest gives back at once what it took, for others that may still fit.</summary>
    private static async ValueTask AppendAsync(IReplicaWriter writer, ContentLeaf leaf, CancellationToken cancellationToken)
    {
        try
        {
            await writer.AppendAsync(leaf, cancellationToken).ConfigureAwait(false);
        }
        catch (ReplicaStoreFullException)
        {
            await writer.DiscardAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Tells the sources' failures from the store's, which are of the same type.</summary>
    private static async ValueTask<Next> TryMoveNextAsync(IAsyncEnumerator<ContentLeaf> leaves, CancellationToken cancellationToken)
    {
        try
        {
            return await leaves.MoveNextAsync().ConfigureAwait(false) ? Next.Leaf : Next.End;
        }
        catch (PastException exception) when (exception is not ContentVerificationException)
        {
            return Next.Unreachable;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is over, the content is to come from elsewhere, or the insert at this very node, whose content this is, has ended.
            return Next.Unreachable;
        }
    }

    private IAsyncEnumerable<ContentLeaf> LeavesOf(KeepReplica request, int firstLeaf, CancellationToken cancellationToken) =>
        server.FindOffered(request.Certificate.FileId) is { } offered
            ? LocalLeaves.ReadAsync(offered, firstLeaf, cancellationToken)
            : new ContentFetcher(port, options.StallTimeout, request.Certificate, request.Sources).FetchAsync(firstLeaf, cancellationToken);

    private async ValueTask<RefusalCode> CompareAsync(FileCertificate certificate, CancellationToken cancellationToken)
    {
        var stored = await store.OpenReadAsync(certificate.FileId, cancellationToken).ConfigureAwait(false);
        if (stored is null)
        {
            return RefusalCode.Busy;
        }

        await using (stored.ConfigureAwait(false))
        {
            return stored.Certificate.Hash == certificate.Hash ? RefusalCode.None : RefusalCode.FileIdExists;
        }
    }

    private enum Next
    {
        Leaf,
        End,
        Unreachable,
    }
}
