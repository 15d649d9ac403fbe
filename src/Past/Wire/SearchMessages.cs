using MessagePack;
using P2P.Pastry;

namespace P2P.Past.Wire;

/// <summary>
/// Looks for a node by way of routing. Nobody has proven who the client is, unless it is the node that the search came from, so the answer is no more than an
/// <see cref="Invitation"/>, shorter than the search itself; all else is said directly, between nodes that the transport has proven.
/// </summary>
/// <remarks>The file stands first, so that whoever merely passes the message on reads no further.</remarks>
internal abstract class SearchMessage(FileId fileId, ulong operation, NodeHandle client) : PastMessage
{
    public FileId FileId { get; } = fileId;

    public ulong Operation { get; } = operation;

    public NodeHandle Client { get; } = client;

    public override int EncodedLengthMax => 64 + PastFormat.LengthBound(Client);

    protected override int FieldCount => 4;

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        StatementFields.Write(ref writer, FileId);
        WriteSought(ref writer);
        writer.Write(Operation);
        StatementFields.Write(ref writer, Client);
    }

    protected abstract void WriteSought(ref MessagePackWriter writer);
}

/// <summary>Looks for the first of the k nodes closest to a file's id, which takes the insert (PAST §2.2).</summary>
internal sealed class InsertSearch(FileId fileId, int replicaCount, ulong operation, NodeHandle client) : SearchMessage(fileId, operation, client)
{
    public int ReplicaCount { get; } = replicaCount;

    public override PastMessageKind Kind => PastMessageKind.InsertSearch;

    public static InsertSearch Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        4,
        static (ref MessagePackReader fields) => new InsertSearch(
            StatementFields.ReadFileId(ref fields), ReadSought(ref fields), fields.ReadUInt64(), StatementFields.ReadNode(ref fields)));

    public static int ReadSought(ref MessagePackReader reader) => (int)StatementFields.ReadInteger(ref reader, 1, FileCertificate.ReplicaCountMax);

    protected override void WriteSought(ref MessagePackWriter writer) => writer.Write(ReplicaCount);
}

/// <summary>Looks for a node that holds a file, or else for one that knows who should.</summary>
internal sealed class LookupSearch(FileId fileId, bool thorough, ulong operation, NodeHandle client, bool takesAnswer = false)
    : SearchMessage(fileId, operation, client)
{
    private const int RequiredFields = 4;

    /// <summary>True where a node next to the id will do as well, whether it holds the file or not.</summary>
    public bool Thorough { get; } = thorough;

    /// <summary>True where the client takes the answer of whoever has the search from the client itself, without an invitation.</summary>
    public bool TakesAnswer { get; } = takesAnswer;

    public override PastMessageKind Kind => PastMessageKind.LookupSearch;

    protected override int FieldCount => RequiredFields + 1;

    public static LookupSearch Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        RequiredFields,
        RequiredFields + 1,
        static (ref MessagePackReader fields, int count) => new LookupSearch(
            StatementFields.ReadFileId(ref fields),
            fields.ReadBoolean(),
            fields.ReadUInt64(),
            StatementFields.ReadNode(ref fields),
            count > RequiredFields && fields.ReadBoolean()));

    protected override void WriteSought(ref MessagePackWriter writer) => writer.Write(Thorough);

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        base.WriteFields(ref writer);
        writer.Write(TakesAnswer);
    }
}

/// <summary>Answers a search: the client may turn to the sender directly.</summary>
internal sealed class Invitation(ulong operation) : PastMessage
{
    public ulong Operation { get; } = operation;

    public override PastMessageKind Kind => PastMessageKind.Invitation;

    protected override int FieldCount => 1;

    public static Invitation Read(ref MessagePackReader reader) =>
        StatementFields.ReadFields(ref reader, 1, static (ref MessagePackReader fields) => new Invitation(fields.ReadUInt64()));

    protected override void WriteFields(ref MessagePackWriter writer) => writer.Write(Operation);
}

/// <summary>Is what a node reads of a search that it may merely pass on.</summary>
internal readonly record struct SearchHead(PastMessageKind Kind, FileId FileId, int ReplicaCount, bool Thorough);
