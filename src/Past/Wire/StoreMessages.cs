using MessagePack;
using P2P.Pastry;

namespace P2P.Past.Wire;

/// <summary>Asks for a file to be stored; routed towards its id, and taken by the first of the k closest nodes that it reaches (PAST §2.2).</summary>
internal sealed class InsertRequest(ulong operation, NodeHandle client, FileCertificate certificate, ReadOnlyMemory<byte>? content) : PastMessage
{
    private const int Fields = 4;

    public ulong Operation { get; } = operation;

    public NodeHandle Client { get; } = client;

    public FileCertificate Certificate { get; } = certificate;

    /// <summary>The content, or null where it is to be fetched from the client.</summary>
    public ReadOnlyMemory<byte>? Content { get; } = content;

    protected override PastMessageKind Kind => PastMessageKind.InsertRequest;

    public static InsertRequest Read(ref MessagePackReader reader)
    {
        var fields = StatementFields.ReadFieldCount(ref reader, Fields);
        var message = new InsertRequest(reader.ReadUInt64(), NodeHandle.Read(ref reader), PastFormat.ReadCertificate(ref reader), PastFormat.ReadContent(ref reader));
        StatementFields.SkipUnknownFields(ref reader, fields - Fields);
        return message;
    }

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        writer.Write(Operation);
        Client.Write(ref writer);
        PastFormat.WriteCertificate(ref writer, Certificate);
        PastFormat.WriteContent(ref writer, Content);
    }
}

/// <summary>Tells the client which nodes have been asked to hold the file.</summary>
internal sealed class InsertAccepted(ulong operation, NodeHandle[] holders) : PastMessage
{
    private const int Fields = 2;

    public ulong Operation { get; } = operation;

    public NodeHandle[] Holders { get; } = holders;

    protected override PastMessageKind Kind => PastMessageKind.InsertAccepted;

    public static InsertAccepted Read(ref MessagePackReader reader)
    {
        var fields = StatementFields.ReadFieldCount(ref reader, Fields);
        var message = new InsertAccepted(reader.ReadUInt64(), PastFormat.ReadNodes(ref reader));
        StatementFields.SkipUnknownFields(ref reader, fields - Fields);
        return message;
    }

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        writer.Write(Operation);
        PastFormat.WriteNodes(ref writer, Holders);
    }
}

/// <summary>Asks a node to hold a replica, for an insert or for maintenance.</summary>
internal sealed class StoreRequest(ulong operation, NodeHandle client, FileCertificate certificate, ReadOnlyMemory<byte>? content, NodeHandle[] sources) : PastMessage
{
    private const int Fields = 5;

    /// <summary>The client's operation; zero where maintenance asks.</summary>
    public ulong Operation { get; } = operation;

    /// <summary>Who is to get the receipt.</summary>
    public NodeHandle Client { get; } = client;

    public FileCertificate Certificate { get; } = certificate;

    public ReadOnlyMemory<byte>? Content { get; } = content;

    /// <summary>Where the content can be fetched, in the order of preference.</summary>
    public NodeHandle[] Sources { get; } = sources;

    protected override PastMessageKind Kind => PastMessageKind.StoreRequest;

    public static StoreRequest Read(ref MessagePackReader reader)
    {
        var fields = StatementFields.ReadFieldCount(ref reader, Fields);
        var message = new StoreRequest(
            reader.ReadUInt64(),
            NodeHandle.Read(ref reader),
            PastFormat.ReadCertificate(ref reader),
            PastFormat.ReadContent(ref reader),
            PastFormat.ReadNodes(ref reader));
        StatementFields.SkipUnknownFields(ref reader, fields - Fields);
        return message;
    }

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        writer.Write(Operation);
        Client.Write(ref writer);
        PastFormat.WriteCertificate(ref writer, Certificate);
        PastFormat.WriteContent(ref writer, Content);
        PastFormat.WriteNodes(ref writer, Sources);
    }
}

/// <summary>Answers a request to store: a receipt, or why there is none.</summary>
internal sealed class StoreReply(ulong operation, FileId fileId, StoreRefusal refusal, StoreReceipt? receipt) : PastMessage
{
    private const int Fields = 4;

    public ulong Operation { get; } = operation;

    public FileId FileId { get; } = fileId;

    public StoreRefusal Refusal { get; } = refusal;

    public StoreReceipt? Receipt { get; } = receipt;

    protected override PastMessageKind Kind => PastMessageKind.StoreReply;

    public static StoreReply Read(ref MessagePackReader reader)
    {
        var fields = StatementFields.ReadFieldCount(ref reader, Fields);
        var operation = reader.ReadUInt64();
        var fileId = StatementFields.ReadFileId(ref reader);
        var refusal = (StoreRefusal)reader.ReadByte();
        StoreReceipt? receipt = null;
        if (!reader.TryReadNil() && !StoreReceipt.TryRead(StatementFields.ReadBytes(ref reader, 1, StoreReceipt.MaxEncodedLength), out receipt))
        {
            throw new MessagePackSerializationException("The bytes are no receipt.");
        }

        StatementFields.SkipUnknownFields(ref reader, fields - Fields);
        return new StoreReply(operation, fileId, refusal, receipt);
    }

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        writer.Write(Operation);
        StatementFields.Write(ref writer, FileId);
        writer.Write((byte)Refusal);
        if (Receipt is null)
        {
            writer.WriteNil();
        }
        else
        {
            writer.Write(Receipt.Encoded.AsSpan());
        }
    }
}

/// <summary>Tells the client that its file is still being stored, so that a slow transfer is not mistaken for a dead one.</summary>
internal sealed class StoreProgress(ulong operation) : PastMessage
{
    private const int Fields = 1;

    public ulong Operation { get; } = operation;

    protected override PastMessageKind Kind => PastMessageKind.StoreProgress;

    public static StoreProgress Read(ref MessagePackReader reader)
    {
        var fields = StatementFields.ReadFieldCount(ref reader, Fields);
        var message = new StoreProgress(reader.ReadUInt64());
        StatementFields.SkipUnknownFields(ref reader, fields - Fields);
        return message;
    }

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        writer.Write(Operation);
    }
}
