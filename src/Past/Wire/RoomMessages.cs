using MessagePack;
using P2P.Pastry;

namespace P2P.Past.Wire;

/// <summary>
/// Asks for a node that has room for a replica (PAST §3.5): a node that must make it, and whose neighbours have none, asks the two most distant of them, and each
/// passes that on to a neighbour of its own.
/// </summary>
internal sealed class RoomSearch(FileId fileId, long contentLength, NodeHandle steward) : PastMessage
{
    private const int Fields = 3;

    public FileId FileId { get; } = fileId;

    public long ContentLength { get; } = contentLength;

    /// <summary>The node that must make the replica, and is answered.</summary>
    public NodeHandle Steward { get; } = steward;

    public override PastMessageKind Kind => PastMessageKind.RoomSearch;

    protected override int FieldCount => Fields;

    public static RoomSearch Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        Fields,
        static (ref MessagePackReader fields) => new RoomSearch(
            StatementFields.ReadFileId(ref fields), StatementFields.ReadInteger(ref fields, 0, ContentLayout.ContentLengthMax), StatementFields.ReadNode(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        StatementFields.Write(ref writer, FileId);
        writer.Write(ContentLength);
        StatementFields.Write(ref writer, Steward);
    }
}

/// <summary>Tells a node beyond the leaf set that the sender would hold a replica in its stead, if it is asked to soon.</summary>
internal sealed class RoomOffer(FileId fileId) : PastMessage
{
    private const int Fields = 1;

    public FileId FileId { get; } = fileId;

    public override PastMessageKind Kind => PastMessageKind.RoomOffer;

    protected override int FieldCount => Fields;

    public static RoomOffer Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader, Fields, static (ref MessagePackReader fields) => new RoomOffer(StatementFields.ReadFileId(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer) => StatementFields.Write(ref writer, FileId);
}
