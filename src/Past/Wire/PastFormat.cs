using MessagePack;
using P2P.Pastry;

namespace P2P.Past.Wire;

/// <summary>Reads PAST's messages from bytes that anybody may have sent.</summary>
internal static class PastFormat
{
    /// <summary>The most nodes that a message lists.</summary>
    public const int NodesMax = FileCertificate.MaxReplicaCount;

    /// <summary>The most files that one offer lists.</summary>
    public const int OffersMax = 1024;

    /// <summary>Reads a message.</summary>
    /// <returns>Null where the payload is no message that this node knows.</returns>
    public static PastMessage? Read(in Payload payload)
    {
        if (payload.Content is PastMessage message)
        {
            return message;
        }

        var bytes = payload.Memory;
        if (bytes.IsEmpty)
        {
            return null;
        }

        try
        {
            var reader = new MessagePackReader(bytes[1..]);
            return (PastMessageKind)bytes.Span[0] switch
            {
                PastMessageKind.InsertRequest => InsertRequest.Read(ref reader),
                PastMessageKind.InsertAccepted => InsertAccepted.Read(ref reader),
                PastMessageKind.StoreRequest => StoreRequest.Read(ref reader),
                PastMessageKind.StoreReply => StoreReply.Read(ref reader),
                PastMessageKind.StoreProgress => StoreProgress.Read(ref reader),
                PastMessageKind.LookupRequest => LookupRequest.Read(ref reader),
                PastMessageKind.LookupFound => LookupFound.Read(ref reader),
                PastMessageKind.LookupAbsent => LookupAbsent.Read(ref reader),
                PastMessageKind.LookupReferral => LookupReferral.Read(ref reader),
                PastMessageKind.ReplicaOffer => ReplicaOffer.Read(ref reader),
                PastMessageKind.ReplicaOfferReply => ReplicaOfferReply.Read(ref reader),
                _ => null,
            };
        }
        catch (Exception exception) when (StatementFields.IsMalformed(exception))
        {
            return null;
        }
    }

    public static void WriteNodes(ref MessagePackWriter writer, NodeHandle[] nodes)
    {
        writer.WriteArrayHeader(nodes.Length);
        foreach (var node in nodes)
        {
            node.Write(ref writer);
        }
    }

    public static NodeHandle[] ReadNodes(ref MessagePackReader reader)
    {
        var nodes = new NodeHandle[ReadCount(ref reader, NodesMax)];
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i] = NodeHandle.Read(ref reader);
        }

        return nodes;
    }

    public static void WriteCertificate(ref MessagePackWriter writer, FileCertificate certificate) => writer.Write(certificate.Encoded.AsSpan());

    public static FileCertificate ReadCertificate(ref MessagePackReader reader) =>
        FileCertificate.TryRead(StatementFields.ReadBytes(ref reader, 1, FileCertificate.MaxEncodedLength), out var certificate)
            ? certificate
            : throw new MessagePackSerializationException("The bytes are no certificate.");

    /// <summary>Writes content that travels within a message, or nil where it travels apart.</summary>
    public static void WriteContent(ref MessagePackWriter writer, ReadOnlyMemory<byte>? content)
    {
        if (content is { } bytes)
        {
            writer.Write(bytes.Span);
        }
        else
        {
            writer.WriteNil();
        }
    }

    public static ReadOnlyMemory<byte>? ReadContent(ref MessagePackReader reader) =>
        reader.TryReadNil() ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(StatementFields.ReadBytes(ref reader, 0, PastOptions.InlineLengthLimit));

    public static void WriteFiles(ref MessagePackWriter writer, FileId[] files)
    {
        writer.WriteArrayHeader(files.Length);
        foreach (var file in files)
        {
            StatementFields.Write(ref writer, file);
        }
    }

    public static FileId[] ReadFiles(ref MessagePackReader reader)
    {
        var files = new FileId[ReadCount(ref reader, OffersMax)];
        for (var i = 0; i < files.Length; i++)
        {
            files[i] = StatementFields.ReadFileId(ref reader);
        }

        return files;
    }

    public static int ReadCount(ref MessagePackReader reader, int max)
    {
        var count = reader.ReadArrayHeader();
        return count <= max ? count : throw new MessagePackSerializationException($"A list of {count} is longer than the {max} allowed.");
    }
}
