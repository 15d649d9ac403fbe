using MessagePack;
using P2P.Pastry;

namespace P2P.Past.Wire;

/// <summary>Asks for a file: routed towards its id and answered by the first node that holds it, or sent to one node directly.</summary>
internal sealed class LookupRequest(ulong operation, NodeHandle client, FileId fileId, bool thorough) : PastMessage
{
    private const int Fields = 4;

    public ulong Operation { get; } = operation;

    public NodeHandle Client { get; } = client;

    public FileId FileId { get; } = fileId;

    /// <summary>True to go all the way to the node closest to the id, which names all that should hold the file.</summary>
    public bool Thorough { get; } = thorough;

    protected override PastMessageKind Kind => PastMessageKind.LookupRequest;

    public static LookupRequest Read(ref MessagePackReader reader)
    {
        var fields = StatementFields.ReadFieldCount(ref reader, Fields);
        var message = new LookupRequest(reader.ReadUInt64(), NodeHandle.Read(ref reader), StatementFields.ReadFileId(ref reader), reader.ReadBoolean());
        StatementFields.SkipUnknownFields(ref reader, fields - Fields);
        return message;
    }

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        writer.Write(Operation);
        Client.Write(ref writer);
        StatementFields.Write(ref writer, FileId);
        writer.Write(Thorough);
    }
}

/// <summary>Gives the certificate, and the content where it is small; a large one is fetched from the sender or the other holders.</summary>
internal sealed class LookupFound(ulong operation, FileCertificate certificate, ReadOnlyMemory<byte>? content, NodeHandle[] others) : PastMessage
{
    private const int Fields = 4;

    public ulong Operation { get; } = operation;

    public FileCertificate Certificate { get; } = certificate;

    public ReadOnlyMemory<byte>? Content { get; } = content;

    /// <summary>The nodes that should hold the file too.</summary>
    public NodeHandle[] Others { get; } = others;

    protected override PastMessageKind Kind => PastMessageKind.LookupFound;

    public static LookupFound Read(ref MessagePackReader reader)
    {
        var fields = StatementFields.ReadFieldCount(ref reader, Fields);
        var message = new LookupFound(reader.ReadUInt64(), PastFormat.ReadCertificate(ref reader), PastFormat.ReadContent(ref reader), PastFormat.ReadNodes(ref reader));
        StatementFields.SkipUnknownFields(ref reader, fields - Fields);
        return message;
    }

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        writer.Write(Operation);
        PastFormat.WriteCertificate(ref writer, Certificate);
        PastFormat.WriteContent(ref writer, Content);
        PastFormat.WriteNodes(ref writer, Others);
    }
}

/// <summary>Tells that the sender does not hold the file.</summary>
internal sealed class LookupAbsent(ulong operation) : PastMessage
{
    private const int Fields = 1;

    public ulong Operation { get; } = operation;

    protected override PastMessageKind Kind => PastMessageKind.LookupAbsent;

    public static LookupAbsent Read(ref MessagePackReader reader)
    {
        var fields = StatementFields.ReadFieldCount(ref reader, Fields);
        var message = new LookupAbsent(reader.ReadUInt64());
        StatementFields.SkipUnknownFields(ref reader, fields - Fields);
        return message;
    }

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        writer.Write(Operation);
    }
}

/// <summary>Names the nodes next to the file's id, which hold it if anybody does.</summary>
internal sealed class LookupReferral(ulong operation, NodeHandle[] candidates) : PastMessage
{
    private const int Fields = 2;

    public ulong Operation { get; } = operation;

    public NodeHandle[] Candidates { get; } = candidates;

    protected override PastMessageKind Kind => PastMessageKind.LookupReferral;

    public static LookupReferral Read(ref MessagePackReader reader)
    {
        var fields = StatementFields.ReadFieldCount(ref reader, Fields);
        var message = new LookupReferral(reader.ReadUInt64(), PastFormat.ReadNodes(ref reader));
        StatementFields.SkipUnknownFields(ref reader, fields - Fields);
        return message;
    }

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        writer.Write(Operation);
        PastFormat.WriteNodes(ref writer, Candidates);
    }
}
