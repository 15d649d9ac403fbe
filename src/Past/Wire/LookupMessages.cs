using MessagePack;
using P2P.Pastry;

namespace P2P.Past.Wire;

/// <summary>Asks a node for a file that it may hold. The sender is the client.</summary>
internal sealed class LookupRequest(ulong operation, FileId fileId) : PastMessage
{
    private const int Fields = 2;

    public ulong Operation { get; } = operation;

    public FileId FileId { get; } = fileId;

    public override PastMessageKind Kind => PastMessageKind.LookupRequest;

    protected override int FieldCount => Fields;

    public static LookupRequest Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader, Fields, static (ref MessagePackReader fields) => new LookupRequest(fields.ReadUInt64(), StatementFields.ReadFileId(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.Write(Operation);
        StatementFields.Write(ref writer, FileId);
    }
}

/// <summary>Gives the certificate, and the content where it is small; a large one is fetched from the sender or the other holders.</summary>
internal sealed class LookupFound(ulong operation, FileCertificate certificate, ReadOnlyMemory<byte>? content, NodeHandle[] others, TimeSpan age = default) : PastMessage
{
    /// <summary>The most other holders that are named.</summary>
    public const int OthersMax = 3;

    /// <summary>The most bytes that their handles take, so that content of any length within the limit fits beside them.</summary>
    public const int OthersBytesMax = 4 * 1024;

    private const int RequiredFields = 4;
    private const int Fields = 5;

    public ulong Operation { get; } = operation;

    public FileCertificate Certificate { get; } = certificate;

    public ReadOnlyMemory<byte>? Content { get; } = content;

    /// <summary>Nodes that should hold the file too, closest first.</summary>
    public NodeHandle[] Others { get; } = PastFormat.Fitting(others, OthersMax, OthersBytesMax);

    /// <summary>How long ago what is given left a replica, in seconds; 0 where it is one.</summary>
    public TimeSpan Age { get; } = age;

    public override PastMessageKind Kind => PastMessageKind.LookupFound;

    protected override int FieldCount => Fields;

    public static LookupFound Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        RequiredFields,
        Fields,
        static (ref MessagePackReader fields, int count) => new LookupFound(
            fields.ReadUInt64(),
            PastFormat.ReadCertificate(ref fields),
            PastFormat.ReadContent(ref fields),
            PastFormat.ReadNodes(ref fields, OthersMax, OthersBytesMax),
            count == Fields ? TimeSpan.FromSeconds(StatementFields.ReadInteger(ref fields, 0, uint.MaxValue)) : TimeSpan.Zero));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.Write(Operation);
        PastFormat.WriteCertificate(ref writer, Certificate);
        PastFormat.WriteContent(ref writer, Content);
        PastFormat.WriteNodes(ref writer, Others);

        // A part of a second counts as one, so that a copy of a copy is never younger.
        writer.Write((long)Math.Ceiling(Age.TotalSeconds));
    }
}

/// <summary>Tells that the sender does not hold the file, and names the nodes closest to its id that the sender knows of.</summary>
internal sealed class LookupAbsent(ulong operation, NodeHandle[] candidates) : PastMessage
{
    public const int CandidatesMax = 8;

    public const int CandidatesBytesMax = 16 * 1024;

    private const int Fields = 2;

    public ulong Operation { get; } = operation;

    /// <summary>The nodes closest to the id, the sender perhaps among them; none where the sender is far from it.</summary>
    public NodeHandle[] Candidates { get; } = PastFormat.Fitting(candidates, CandidatesMax, CandidatesBytesMax);

    public override PastMessageKind Kind => PastMessageKind.LookupAbsent;

    protected override int FieldCount => Fields;

    public static LookupAbsent Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        Fields,
        static (ref MessagePackReader fields) => new LookupAbsent(fields.ReadUInt64(), PastFormat.ReadNodes(ref fields, CandidatesMax, CandidatesBytesMax)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.Write(Operation);
        PastFormat.WriteNodes(ref writer, Candidates);
    }
}
