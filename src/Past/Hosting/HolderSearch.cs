using P2P.Past.Protocol;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>
/// Finds further holders of a file whose content those that were named do not give: a cache may have let its copy go since, and anybody can say that it holds a file. The
/// search goes past caches, and around those who have failed.
/// </summary>
internal sealed class HolderSearch(PastPort port, PendingOperations pending)
{
    /// <summary>Finds holders.</summary>
    /// <param name="fileId">The file.</param>
    /// <param name="failed">Who is not to be asked again.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>None where nobody else is found.</returns>
    public async ValueTask<NodeHandle[]> FindAsync(FileId fileId, NodeId[] failed, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, port.Closing);
        var search = pending.BeginSearch();
        try
        {
            await port.PostAsync(new StartLookup(search.Operation, fileId, failed), either.Token).ConfigureAwait(false);
            return await search.Ended.Task.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (PastPort.IsStopping(exception) && !cancellationToken.IsCancellationRequested)
        {
            return [];
        }
        finally
        {
            pending.End(search);
            await port.CancelAsync(search.Operation).ConfigureAwait(false);
        }
    }
}
