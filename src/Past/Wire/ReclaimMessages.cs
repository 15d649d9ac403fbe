using MessagePack;
using P2P.Pastry;

namespace P2P.Past.Wire;

/// <summary>Tells a node that the owner of a file takes it back. The sender is the client, or with operation 0 a node that knows it already.</summary>
internal sealed class ReclaimRequest(ulong operation, ReclaimCertificate certificate) : PastMessage
{
    private const int Fields = 2;

    /// <summary>The client's operation; zero where nobody waits for an answer.</summary>
    public ulong Operation { get; } = operation;

    public ReclaimCertificate Certificate { get; } = certificate;

    public override PastMessageKind Kind => PastMessageKind.ReclaimRequest;

    protected override int FieldCount => Fields;

    public static ReclaimRequest Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        Fields,
        static (ref MessagePackReader fields) => new ReclaimRequest(fields.ReadUInt64(), ReadCertificate(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.Write(Operation);
        writer.Write(Certificate.Encoded.AsSpan());
    }

    private static ReclaimCertificate ReadCertificate(ref MessagePackReader reader) =>
        ReclaimCertificate.TryRead(StatementFields.ReadBytes(ref reader, 1, ReclaimCertificate.EncodedLengthMax), out var certificate)
            ? certificate
            : throw new MessagePackSerializationException("The bytes are no reclaim certificate.");
}

/// <summary>Tells what a node did when a file was taken back: a receipt where it has given it up, or refuses it from now on, and who else may hold it.</summary>
/// <remarks>
/// The two sorts of receipts have fields of their own: who knows only the older field takes every receipt there for a replica that was given up.
/// </remarks>
internal sealed class ReclaimReply(ulong operation, ReclaimReceipt? receipt, NodeHandle[] candidates) : PastMessage
{
    private const int RequiredFields = 3;
    private const int Fields = 4;

    public ulong Operation { get; } = operation;

    /// <summary>The receipt, or null where the node does not hold the file and need not know that it is taken back.</summary>
    public ReclaimReceipt? Receipt { get; } = receipt;

    /// <summary>The nodes closest to the id, the sender perhaps among them; none where the sender is far from it.</summary>
    public NodeHandle[] Candidates { get; } = PastFormat.Fitting(candidates, LookupAbsent.CandidatesMax, LookupAbsent.CandidatesBytesMax);

    public override PastMessageKind Kind => PastMessageKind.ReclaimReply;

    protected override int FieldCount => Fields;

    public static ReclaimReply Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        RequiredFields,
        Fields,
        static (ref MessagePackReader fields, int count) =>
        {
            var operation = fields.ReadUInt64();
            var givenUp = ReadReceipt(ref fields);
            var candidates = PastFormat.ReadNodes(ref fields, LookupAbsent.CandidatesMax, LookupAbsent.CandidatesBytesMax);
            var neverHeld = count == Fields ? ReadReceipt(ref fields) : null;
            return new ReclaimReply(operation, givenUp ?? neverHeld, candidates);
        });

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.Write(Operation);
        WriteReceipt(ref writer, Receipt?.FreedBytes is not null);
        PastFormat.WriteNodes(ref writer, Candidates);
        WriteReceipt(ref writer, Receipt is { FreedBytes: null });
    }

    private void WriteReceipt(ref MessagePackWriter writer, bool isHere)
    {
        if (isHere)
        {
            writer.Write(Receipt!.Encoded.AsSpan());
        }
        else
        {
            writer.WriteNil();
        }
    }

    private static ReclaimReceipt? ReadReceipt(ref MessagePackReader reader) =>
        reader.TryReadNil() ? null
        : ReclaimReceipt.TryRead(StatementFields.ReadBytes(ref reader, 1, ReclaimReceipt.EncodedLengthMax), out var receipt) ? receipt
        : throw new MessagePackSerializationException("The bytes are no reclaim receipt.");
}
