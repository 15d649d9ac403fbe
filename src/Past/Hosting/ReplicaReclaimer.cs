using Microsoft.Extensions.Logging;
using P2P.Past.Protocol;

namespace P2P.Past;

/// <summary>Gives replicas up for the machine when their owners take files back: certificate checked, deletion durable, receipt signed.</summary>
internal sealed class ReplicaReclaimer(PastPort port, IReplicaStore store, PastOptions options, ILogger logger)
{
    /// <summary>Gives a replica up, or tells what is remembered of that.</summary>
    public async Task ReclaimAsync(ReclaimReplica request)
    {
        var certificate = request.Certificate;
        if (!certificate.Verify())
        {
            // Nobody who keeps to the protocol sends that; nobody is answered.
            logger.ReclaimForged(request.From, certificate.FileId);
            return;
        }

        ReclaimReceipt? receipt = null;
        if (request.IsHolder || store.Contains(certificate.FileId) || store.IsReclaimed(certificate.FileId))
        {
            try
            {
                var reclaimed = await store.ReclaimAsync(certificate, port.Time.GetUtcNow(), port.Closing).ConfigureAwait(false);
                receipt = ReclaimReceipt.Create(certificate, reclaimed.FreedBytes ?? request.DivertedBytes, port.Sign, reclaimed.ReclaimedAt);
            }
            catch (ReplicaStoreFullException exception)
            {
                // It is not held, and nobody can be promised that it won't be: that is an answer, too.
                logger.ReclaimNotKept(exception, certificate.FileId);
            }
            catch (PastException exception)
            {
                // The client tries again; without an answer, it does not believe that the replica is gone.
                logger.ReclaimFailed(exception, certificate.FileId);
                return;
            }
        }

        await port.PostAsync(new ReplicaReclaimed(request, receipt)).ConfigureAwait(false);
    }

    /// <summary>Finds the proof that a file was taken back, for a node that still has it.</summary>
    public async Task TellAsync(TellReclaimed tell)
    {
        if (await store.FindReclaimedAsync(tell.FileId, port.Closing).ConfigureAwait(false) is { } reclaimed)
        {
            await port.PostAsync(new ReclaimFound(tell.To, reclaimed.Certificate)).ConfigureAwait(false);
        }
    }

    public Task ForgetAsync() => store.ForgetReclaimedAsync(port.Time.GetUtcNow() - options.ReclaimRetention, port.Closing).AsTask();
}
