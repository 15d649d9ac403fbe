using MessagePack;
using P2P.Pastry;

namespace P2P.Past.Wire;

/// <summary>Asks the node that a search has found to have a file stored on the k nodes closest to its id (PAST §2.2). The sender is the client.</summary>
internal sealed class InsertRequest(ulong operation, FileCertificate certificate, ReadOnlyMemory<byte>? content) : PastMessage
{
    private const int Fields = 3;

    public ulong Operation { get; } = operation;

    public FileCertificate Certificate { get; } = certificate;

    /// <summary>The content, or null where it is to be fetched from the client.</summary>
    public ReadOnlyMemory<byte>? Content { get; } = content;

    public override PastMessageKind Kind => PastMessageKind.InsertRequest;

    protected override int FieldCount => Fields;

    public static InsertRequest Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        Fields,
        static (ref MessagePackReader fields) => new InsertRequest(fields.ReadUInt64(), PastFormat.ReadCertificate(ref fields), PastFormat.ReadContent(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.Write(Operation);
        PastFormat.WriteCertificate(ref writer, Certificate);
        PastFormat.WriteContent(ref writer, Content);
    }
}

/// <summary>Tells the client which nodes have been asked to hold the file.</summary>
internal sealed class InsertAccepted(ulong operation, NodeHandle[] holders) : PastMessage
{
    public const int HoldersBytesMax = 60 * 1024;

    private const int Fields = 2;

    public ulong Operation { get; } = operation;

    public NodeHandle[] Holders { get; } = holders;

    public override PastMessageKind Kind => PastMessageKind.InsertAccepted;

    protected override int FieldCount => Fields;

    public static InsertAccepted Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        Fields,
        static (ref MessagePackReader fields) => new InsertAccepted(fields.ReadUInt64(), PastFormat.ReadNodes(ref fields, FileCertificate.ReplicaCountMax, HoldersBytesMax)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.Write(Operation);
        PastFormat.WriteNodes(ref writer, Holders);
    }
}

/// <summary>
/// Asks a node to hold a replica, for an insert or for maintenance. Content that does not come with it is fetched from the sender; what it says
/// of the client proves nothing.
/// </summary>
internal sealed class StoreRequest(ulong operation, NodeHandle client, FileCertificate certificate, ReadOnlyMemory<byte>? content) : PastMessage
{
    private const int Fields = 4;

    /// <summary>The client's operation; zero where maintenance asks.</summary>
    public ulong Operation { get; } = operation;

    /// <summary>
    /// Who is to get the receipt, as the sender says; the sender itself, where it asks for itself. For maintenance, from whom to fetch the content: the
    /// sender, or who else holds the file, as it says.
    /// </summary>
    public NodeHandle Client { get; } = client;

    public FileCertificate Certificate { get; } = certificate;

    public ReadOnlyMemory<byte>? Content { get; } = content;

    public override PastMessageKind Kind => PastMessageKind.StoreRequest;

    protected override int FieldCount => Fields;

    public static StoreRequest Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        Fields,
        static (ref MessagePackReader fields) => new StoreRequest(
            fields.ReadUInt64(), StatementFields.ReadNode(ref fields), PastFormat.ReadCertificate(ref fields), PastFormat.ReadContent(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.Write(Operation);
        StatementFields.Write(ref writer, Client);
        PastFormat.WriteCertificate(ref writer, Certificate);
        PastFormat.WriteContent(ref writer, Content);
    }
}

/// <summary>Answers a request to store: a receipt, or why there is none.</summary>
internal sealed class StoreReply(ulong operation, FileId fileId, RefusalCode refusal, StoreReceipt? receipt) : PastMessage
{
    private const int Fields = 4;

    public ulong Operation { get; } = operation;

    public FileId FileId { get; } = fileId;

    public RefusalCode Refusal { get; } = refusal;

    public StoreReceipt? Receipt { get; } = receipt;

    public override PastMessageKind Kind => PastMessageKind.StoreReply;

    protected override int FieldCount => Fields;

    public static StoreReply Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        Fields,
        static (ref MessagePackReader fields) => new StoreReply(
            fields.ReadUInt64(), StatementFields.ReadFileId(ref fields), (RefusalCode)fields.ReadByte(), PastFormat.ReadReceipt(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.Write(Operation);
        StatementFields.Write(ref writer, FileId);
        writer.Write((byte)Refusal);
        PastFormat.WriteReceipt(ref writer, Receipt);
    }
}

/// <summary>Tells the client that its file is still being stored, so that a slow transfer is not mistaken for a dead one.</summary>
internal sealed class StoreProgress(ulong operation) : PastMessage
{
    private const int Fields = 1;

    public ulong Operation { get; } = operation;

    public override PastMessageKind Kind => PastMessageKind.StoreProgress;

    protected override int FieldCount => Fields;

    public static StoreProgress Read(ref MessagePackReader reader) =>
        StatementFields.ReadFields(ref reader, Fields, static (ref MessagePackReader fields) => new StoreProgress(fields.ReadUInt64()));

    protected override void WriteFields(ref MessagePackWriter writer) => writer.Write(Operation);
}
