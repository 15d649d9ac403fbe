using MessagePack;
using P2P.Pastry;

namespace P2P.Past.Wire;

/// <summary>Tells a ring neighbour how much room the sender has for replicas (PAST §3.3).</summary>
internal sealed class StorageNotice(long freeBytes, long capacityBytes, bool asksBack) : PastMessage
{
    private const int Fields = 3;

    public long FreeBytes { get; } = freeBytes;

    /// <summary>All that the sender has for replicas; zero where it holds none, and only routes.</summary>
    public long CapacityBytes { get; } = capacityBytes;

    /// <summary>Tells whether the sender wants to know the same of the receiver, which may have told it before it was ready to listen.</summary>
    public bool AsksBack { get; } = asksBack;

    public override PastMessageKind Kind => PastMessageKind.StorageNotice;

    protected override int FieldCount => Fields;

    public static StorageNotice Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        Fields,
        static (ref MessagePackReader fields) => new StorageNotice(
            StatementFields.ReadInteger(ref fields, 0, long.MaxValue), StatementFields.ReadInteger(ref fields, 0, long.MaxValue), fields.ReadBoolean()));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.Write(FreeBytes);
        writer.Write(CapacityBytes);
        writer.Write(AsksBack);
    }
}

/// <summary>
/// Asks a ring neighbour that is none of the k to hold a replica in the sender's stead (PAST §3.3), and is answered like a request of a client: the
/// sender. Content that does not come with it is fetched from the sender.
/// </summary>
internal sealed class DivertRequest(ulong operation, FileCertificate certificate, ReadOnlyMemory<byte>? content, bool isRepair) : PastMessage
{
    private const int RequiredFields = 3;
    private const int Fields = 4;

    public ulong Operation { get; } = operation;

    public FileCertificate Certificate { get; } = certificate;

    public ReadOnlyMemory<byte>? Content { get; } = content;

    /// <summary>True where maintenance has brought the replica to the sender: then its permit may have expired.</summary>
    public bool IsRepair { get; } = isRepair;

    public override PastMessageKind Kind => PastMessageKind.DivertRequest;

    protected override int FieldCount => Fields;

    public static DivertRequest Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        RequiredFields,
        Fields,
        static (ref MessagePackReader fields, int count) => new DivertRequest(
            fields.ReadUInt64(), PastFormat.ReadCertificate(ref fields), PastFormat.ReadContent(ref fields), count == Fields && fields.ReadBoolean()));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.Write(Operation);
        PastFormat.WriteCertificate(ref writer, Certificate);
        PastFormat.WriteContent(ref writer, Content);
        writer.Write(IsRepair);
    }
}

/// <summary>Tells the (k + 1)-th closest node where a diverted replica lies, for the case that its steward fails (PAST §3.3).</summary>
internal sealed class DiversionNotice(FileId fileId, int replicaCount, long contentLength, NodeHandle holder) : PastMessage
{
    private const int Fields = 4;

    public FileId FileId { get; } = fileId;

    public int ReplicaCount { get; } = replicaCount;

    public long ContentLength { get; } = contentLength;

    public NodeHandle Holder { get; } = holder;

    public override PastMessageKind Kind => PastMessageKind.DiversionNotice;

    protected override int FieldCount => Fields;

    public static DiversionNotice Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        Fields,
        static (ref MessagePackReader fields) => new DiversionNotice(
            StatementFields.ReadFileId(ref fields),
            (int)StatementFields.ReadInteger(ref fields, 1, FileCertificate.ReplicaCountMax),
            StatementFields.ReadInteger(ref fields, 0, ContentLayout.ContentLengthMax),
            StatementFields.ReadNode(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        StatementFields.Write(ref writer, FileId);
        writer.Write(ReplicaCount);
        writer.Write(ContentLength);
        StatementFields.Write(ref writer, Holder);
    }
}
