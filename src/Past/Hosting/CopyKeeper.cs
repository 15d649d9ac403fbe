using Microsoft.Extensions.Logging;
using P2P.Past.Protocol;

namespace P2P.Past;

/// <summary>Keeps and deletes the bytes of cached copies for the machine, which knows what there is room for.</summary>
internal sealed class CopyKeeper(PastPort port, IReplicaStore copies, PastOptions options, ILogger logger)
{
    private const int PageLength = 256;

    /// <summary>Deletes all copies: nobody remembers how long those of an earlier life have been away from replicas.</summary>
    public async Task EmptyAsync()
    {
        var page = new StoredReplica[PageLength];
        while (copies.List(KeyRange.All, after: null, page) is > 0 and var count)
        {
            for (var i = 0; i < count; i++)
            {
                await copies.DeleteAsync(page[i].FileId, port.Closing).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Keeps a copy, in the room of others.</summary>
    public async Task KeepAsync(KeepCopy keep)
    {
        var isKept = false;
        try
        {
            await DropAsync(keep.Evicted).ConfigureAwait(false);
            isKept = await TryWriteAsync(keep).ConfigureAwait(false);
        }
        catch (Exception exception) when (!PastPort.IsStopping(exception) || !port.Closing.IsCancellationRequested)
        {
            // Whatever a store throws, the machine has to hear of the end: it has reserved the room.
            logger.CopyFailed(exception, keep.Certificate.FileId);
        }

        await port.PostAsync(new CopyKept(keep.Certificate.FileId, isKept)).ConfigureAwait(false);
    }

    /// <summary>Deletes copies.</summary>
    public async Task DropAsync(FileId[] files)
    {
        foreach (var file in files)
        {
            try
            {
                await copies.DeleteAsync(file, port.Closing).ConfigureAwait(false);
            }
            catch (PastException exception)
            {
                logger.CopyFailed(exception, file);
            }
        }
    }

    private async ValueTask<bool> TryWriteAsync(KeepCopy keep)
    {
        try
        {
            if (keep.Content is { } content)
            {
                await copies.StoreAsync(keep.Certificate, content, port.Closing).ConfigureAwait(false);
            }
            else
            {
                await FetchAsync(keep).ConfigureAwait(false);
            }

            return true;
        }
        catch (PastException exception)
        {
            // The source has gone or lied, or what was evicted is still there: the file is cached another time.
            logger.NotCached(exception, keep.Certificate.FileId);
            return false;
        }
        catch (OperationCanceledException) when (!port.Closing.IsCancellationRequested)
        {
            return false;
        }
    }

    private async ValueTask FetchAsync(KeepCopy keep)
    {
        var certificate = keep.Certificate;
        using var over = new CancellationTokenSource(ReplicaKeeper.TimeMaxOf(certificate, options), port.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, port.Closing);
        var writer = await copies.BeginAsync(certificate, port.Closing).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            try
            {
                var fetcher = new ContentFetcher(port, options.StallTimeout, certificate, [keep.Source]);
                await foreach (var leaf in fetcher.FetchAsync(writer.NextLeaf, either.Token).ConfigureAwait(false))
                {
                    await writer.AppendAsync(leaf, port.Closing).ConfigureAwait(false);
                }

                await writer.CompleteAsync(port.Closing).ConfigureAwait(false);
            }
            catch
            {
                // Nobody goes on with it, and its room is given to others.
                await writer.DiscardAsync().ConfigureAwait(false);
                throw;
            }
        }
    }
}
