using Microsoft.Extensions.Logging;
using P2P.Past.Protocol;
using P2P.Past.Wire;

namespace P2P.Past.Hosting;

/// <summary>Reads replicas of this node for messages. One that turns out to be damaged is put aside, and the machine asks for another.</summary>
internal sealed class ReplicaReader(PastPort port, IReplicaStore store, PastOptions options, ILogger logger)
{
    /// <summary>Reads a file for a client that looks it up.</summary>
    public async Task ReadForLookupAsync(ReadForLookup read)
    {
        PastMessage answer = new LookupAbsent(read.Operation);
        if (await TryReadAsync(read.FileId).ConfigureAwait(false) is var (certificate, content))
        {
            var holders = await port.ReplicaSetAsync(read.FileId, certificate.ReplicaCount).ConfigureAwait(false);
            answer = new LookupFound(read.Operation, certificate, content, [.. holders.Where(holder => holder.Id != port.Self.Id)]);
        }

        await port.PostAsync(new ReplicaRead(read.Client, read.FileId, answer)).ConfigureAwait(false);
    }

    /// <summary>Reads a file for a node that wants a replica.</summary>
    public async Task ReadForReplicaAsync(ReadForReplica read)
    {
        if (await TryReadAsync(read.FileId).ConfigureAwait(false) is var (certificate, content))
        {
            var request = new StoreRequest(operation: 0, port.Self, certificate, content, [port.Self]);
            await port.PostAsync(new ReplicaRead(read.To, read.FileId, request)).ConfigureAwait(false);
        }
    }

    /// <summary>Tells of how many replicas files should have.</summary>
    public async Task DescribeAsync(DescribeReplicas describe)
    {
        var described = new List<OfferedReplica>(describe.Files.Length);
        foreach (var file in describe.Files)
        {
            try
            {
                if (await TryOpenAsync(file).ConfigureAwait(false) is { } stored)
                {
                    await using (stored.ConfigureAwait(false))
                    {
                        described.Add(new OfferedReplica(file, stored.Certificate.ReplicaCount));
                    }
                }
            }
            catch (PastException exception)
            {
                // The round goes on without it: one bad sector must not end all repair.
                logger.ReadFailed(exception, file);
            }
        }

        await port.PostAsync(new ReplicasDescribed([.. described])).ConfigureAwait(false);
    }

    /// <summary>Puts a damaged replica aside.</summary>
    public async Task QuarantineAsync(FileId fileId)
    {
        logger.Damaged(fileId);
        await store.VerifyAsync(fileId, port.Closing).ConfigureAwait(false);
        await port.PostAsync(new ReplicaDamaged(fileId)).ConfigureAwait(false);
    }

    /// <summary>Reads a certificate, with the content where that travels within a message.</summary>
    private async ValueTask<(FileCertificate Certificate, ReadOnlyMemory<byte>? Content)?> TryReadAsync(FileId fileId)
    {
        if (await TryOpenAsync(fileId).ConfigureAwait(false) is not { } stored)
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

    private async ValueTask<IVerifiedContent?> TryOpenAsync(FileId fileId)
    {
        try
        {
            return await store.OpenAsync(fileId, port.Closing).ConfigureAwait(false);
        }
        catch (ReplicaCorruptException)
        {
            await QuarantineAsync(fileId).ConfigureAwait(false);
            return null;
        }
    }
}
