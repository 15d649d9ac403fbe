using MessagePack;
using P2P.Pastry;

namespace P2P.Past.Wire;

/// <summary>
/// Tells the node from which a search came that the file was found, and who has it. It goes back hop by hop, each to the neighbour that the transport has proven, and
/// is taken only from where the search went.
/// </summary>
internal sealed class CacheHint(FileId fileId, long length, NodeHandle source) : PastMessage
{
    private const int Fields = 3;

    public FileId FileId { get; } = fileId;

    /// <summary>The content's length, so that who won't keep it need not ask.</summary>
    public long Length { get; } = length;

    public NodeHandle Source { get; } = source;

    public override PastMessageKind Kind => PastMessageKind.CacheHint;

    public override int EncodedLengthMax => 64 + PastFormat.LengthBound(Source);

    protected override int FieldCount => Fields;

    public static CacheHint Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        Fields,
        static (ref MessagePackReader fields) => new CacheHint(
            StatementFields.ReadFileId(ref fields), StatementFields.ReadInteger(ref fields, 0, ContentLayout.ContentLengthMax), StatementFields.ReadNode(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        StatementFields.Write(ref writer, FileId);
        writer.Write(Length);
        StatementFields.Write(ref writer, Source);
    }
}

/// <summary>Asks a node for a file, to keep a copy of it. It is answered as a <see cref="LookupRequest"/> is, and counts as no lookup.</summary>
internal sealed class CopyRequest(ulong operation, FileId fileId) : PastMessage
{
    private const int Fields = 2;

    public ulong Operation { get; } = operation;

    public FileId FileId { get; } = fileId;

    public override PastMessageKind Kind => PastMessageKind.CopyRequest;

    protected override int FieldCount => Fields;

    public static CopyRequest Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader, Fields, static (ref MessagePackReader fields) => new CopyRequest(fields.ReadUInt64(), StatementFields.ReadFileId(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.Write(Operation);
        StatementFields.Write(ref writer, FileId);
    }
}
