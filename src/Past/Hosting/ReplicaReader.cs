using Microsoft.Extensions.Logging;
using P2P.Past.Protocol;

namespace P2P.Past;

/// <summary>
/// Reads replicas of this node for messages, and cached copies where there is none. A replica that turns out to be damaged is put aside, and the machine asks for
/// another; of a copy it is told no more than that there is none.
/// </summary>
internal sealed class ReplicaReader(PastPort port, IReplicaStore store, IReplicaStore? copies, PastOptions options, ILogger logger)
{
    /// <summary>Reads a file for a client that looks it up, or for a node that wants a replica.</summary>
    public async Task ReadAsync(ReadReplica read)
    {
        var outcome = new ReplicaRead(read, null, null);
        try
        {
            if (await TryReadAsync(read.FileId, isReplica: read.Operation == 0).ConfigureAwait(false) is var (certificate, content))
            {
                outcome = new ReplicaRead(read, certificate, content);
            }
        }
        catch (PastException exception)
        {
            logger.ReadFailed(exception, read.FileId);
        }

        await port.PostAsync(outcome).ConfigureAwait(false);
    }

    /// <summary>Puts a damaged replica or copy aside.</summary>
    public async Task QuarantineAsync(FileId fileId)
    {
        if (copies is not null && !store.Contains(fileId))
        {
            logger.CopyDamaged(fileId);
            await copies.VerifyAsync(fileId, port.Closing).ConfigureAwait(false);
            await port.PostAsync(new CopyDamaged(fileId)).ConfigureAwait(false);
            return;
        }

        logger.Damaged(fileId);
        await store.VerifyAsync(fileId, port.Closing).ConfigureAwait(false);
        await port.PostAsync(new ReplicaDamaged(fileId)).ConfigureAwait(false);
    }

    /// <summary>Opens a replica or, unless it has to be one, a copy; null where none is stored, or the one that is can't be opened and was put aside.</summary>
    public async ValueTask<IVerifiedContent?> TryOpenAsync(FileId fileId, bool isReplica = false)
    {
        try
        {
            return await store.OpenReadAsync(fileId, port.Closing).ConfigureAwait(false)
                ?? (copies is null || isReplica ? null : await copies.OpenReadAsync(fileId, port.Closing).ConfigureAwait(false));
        }
        catch (ReplicaCorruptException)
        {
            await QuarantineAsync(fileId).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>Reads a certificate, with the content where that travels within a message.</summary>
    private async ValueTask<(FileCertificate Certificate, ReadOnlyMemory<byte>? Content)?> TryReadAsync(FileId fileId, bool isReplica)
    {
        if (await TryOpenAsync(fileId, isReplica).ConfigureAwait(false) is not { } stored)
        {
            return null;
        }

        await using (stored.ConfigureAwait(false))
        {
            if (stored.Certificate.ContentLength > options.InlineLengthMax)
            {
                return (stored.Certificate, null);
            }

            try
            {
                var content = new byte[stored.Certificate.ContentLength];
                await stored.ReadLeafAsync(0, content, port.Closing).ConfigureAwait(false);
                return (stored.Certificate, content);
            }
            catch (ReplicaCorruptException)
            {
                await QuarantineAsync(fileId).ConfigureAwait(false);
                return null;
            }
        }
    }
}
