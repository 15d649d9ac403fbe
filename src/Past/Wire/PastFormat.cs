using MessagePack;
using P2P.Pastry;

namespace P2P.Past.Wire;

/// <summary>Reads PAST's messages from bytes that anybody may have sent.</summary>
internal static class PastFormat
{
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
        if (!HasHead(bytes.Span))
        {
            return null;
        }

        try
        {
            var reader = new MessagePackReader(bytes[2..]);
            return (PastMessageKind)bytes.Span[1] switch
            {
                PastMessageKind.InsertSearch => InsertSearch.Read(ref reader),
                PastMessageKind.InsertRequest => InsertRequest.Read(ref reader),
                PastMessageKind.InsertAccepted => InsertAccepted.Read(ref reader),
                PastMessageKind.StoreRequest => StoreRequest.Read(ref reader),
                PastMessageKind.StoreReply => StoreReply.Read(ref reader),
                PastMessageKind.StoreProgress => StoreProgress.Read(ref reader),
                PastMessageKind.LookupSearch => LookupSearch.Read(ref reader),
                PastMessageKind.LookupRequest => LookupRequest.Read(ref reader),
                PastMessageKind.LookupFound => LookupFound.Read(ref reader),
                PastMessageKind.LookupAbsent => LookupAbsent.Read(ref reader),
                PastMessageKind.Invitation => Invitation.Read(ref reader),
                PastMessageKind.ReplicaOffer => ReplicaOffer.Read(ref reader),
                PastMessageKind.ReplicaOfferReply => ReplicaOfferReply.Read(ref reader),
                PastMessageKind.ReclaimRequest => ReclaimRequest.Read(ref reader),
                PastMessageKind.ReclaimReply => ReclaimReply.Read(ref reader),
                PastMessageKind.BrokerSearch => BrokerSearch.Read(ref reader),
                PastMessageKind.BrokerRequest => BrokerRequest.Read(ref reader),
                PastMessageKind.BrokerReply => BrokerReply.Read(ref reader),
                PastMessageKind.CacheHint => CacheHint.Read(ref reader),
                PastMessageKind.CopyRequest => CopyRequest.Read(ref reader),
                PastMessageKind.StorageNotice => StorageNotice.Read(ref reader),
                PastMessageKind.DivertRequest => DivertRequest.Read(ref reader),
                PastMessageKind.DiversionNotice => DiversionNotice.Read(ref reader),
                PastMessageKind.RoomSearch => RoomSearch.Read(ref reader),
                PastMessageKind.RoomOffer => RoomOffer.Read(ref reader),
                PastMessageKind.ReplicaSummary => ReplicaSummary.Read(ref reader),
                _ => null,
            };
        }
        catch (Exception exception) when (StatementFields.IsMalformed(exception))
        {
            return null;
        }
    }

    /// <summary>Reads of a search what tells whether this node can answer it, and nothing of what follows.</summary>
    /// <returns>False where the payload is no search.</returns>
    public static bool TryReadHead(in Payload payload, out SearchHead head)
    {
        head = default;
        switch (payload.Content)
        {
            case InsertSearch insert:
                head = new SearchHead(insert.Kind, insert.FileId, insert.ReplicaCount, Thorough: false);
                return true;
            case LookupSearch lookup:
                head = new SearchHead(lookup.Kind, lookup.FileId, ReplicaCount: 0, lookup.Thorough);
                return true;
            case not null:
                return false;
            default:
                break;
        }

        var bytes = payload.Memory;
        var kind = HasHead(bytes.Span) ? (PastMessageKind)bytes.Span[1] : default;
        if (kind is not (PastMessageKind.InsertSearch or PastMessageKind.LookupSearch))
        {
            return false;
        }

        try
        {
            var reader = new MessagePackReader(bytes[2..]);
            _ = reader.ReadArrayHeader();
            var fileId = StatementFields.ReadFileId(ref reader);
            head = kind == PastMessageKind.InsertSearch
                ? new SearchHead(kind, fileId, InsertSearch.ReadSought(ref reader), Thorough: false)
                : new SearchHead(kind, fileId, ReplicaCount: 0, reader.ReadBoolean());
            return true;
        }
        catch (Exception exception) when (StatementFields.IsMalformed(exception))
        {
            return false;
        }
    }

    /// <summary>Takes as many nodes from the first on as a message has room for.</summary>
    public static NodeHandle[] Fitting(NodeHandle[] nodes, int countMax, int bytesMax)
    {
        if (nodes.Length <= countMax && nodes.Sum(LengthBound) <= bytesMax)
        {
            return nodes;
        }

        var fitting = new List<NodeHandle>(countMax);
        foreach (var node in nodes.Take(countMax))
        {
            bytesMax -= LengthBound(node);
            if (bytesMax < 0)
            {
                break;
            }

            fitting.Add(node);
        }

        return [.. fitting];
    }

    public static void WriteNodes(ref MessagePackWriter writer, NodeHandle[] nodes)
    {
        writer.WriteArrayHeader(nodes.Length);
        foreach (var node in nodes)
        {
            StatementFields.Write(ref writer, node);
        }
    }

    public static NodeHandle[] ReadNodes(ref MessagePackReader reader, int countMax, int bytesMax)
    {
        var nodes = new NodeHandle[ReadCount(ref reader, countMax)];
        var begin = reader.Consumed;
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i] = StatementFields.ReadNode(ref reader);
        }

        return reader.Consumed - begin <= bytesMax ? nodes : throw new MessagePackSerializationException("The nodes take more room than is allowed.");
    }

    public static void WriteCertificate(ref MessagePackWriter writer, FileCertificate certificate) => writer.Write(certificate.Encoded.AsSpan());

    public static FileCertificate ReadCertificate(ref MessagePackReader reader) =>
        FileCertificate.TryRead(StatementFields.ReadBytes(ref reader, 1, FileCertificate.EncodedLengthMax), out var certificate)
            ? certificate
            : throw new MessagePackSerializationException("The bytes are no certificate.");

    public static void WriteReceipt(ref MessagePackWriter writer, StoreReceipt? receipt)
    {
        if (receipt is null)
        {
            writer.WriteNil();
        }
        else
        {
            writer.Write(receipt.Encoded.AsSpan());
        }
    }

    public static StoreReceipt? ReadReceipt(ref MessagePackReader reader) =>
        reader.TryReadNil() ? null
        : StoreReceipt.TryRead(StatementFields.ReadBytes(ref reader, 1, StoreReceipt.EncodedLengthMax), out var receipt) ? receipt
        : throw new MessagePackSerializationException("The bytes are no receipt.");

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

    private static bool HasHead(ReadOnlySpan<byte> bytes) => bytes.Length > 2 && bytes[0] == PastMessage.Version;

    /// <summary>Bounds a handle's encoded length: numbers and headers, and what each address adds to its host's name.</summary>
    public static int LengthBound(NodeHandle node)
    {
        var length = 48;
        foreach (var address in node.Addresses)
        {
            length += System.Text.Encoding.UTF8.GetByteCount(address.Host) + 8;
        }

        return length;
    }
}
