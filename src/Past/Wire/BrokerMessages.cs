using System.Collections.Immutable;
using MessagePack;
using P2P.Pastry;

namespace P2P.Past.Wire;

/// <summary>Looks for the node that speaks for a broker; answered by an <see cref="Invitation"/>.</summary>
internal sealed class BrokerSearch(ulong operation, NodeHandle client) : PastMessage
{
    private const int Fields = 2;

    public ulong Operation { get; } = operation;

    public NodeHandle Client { get; } = client;

    public override PastMessageKind Kind => PastMessageKind.BrokerSearch;

    public override int EncodedLengthMax => 32 + PastFormat.LengthBound(Client);

    protected override int FieldCount => Fields;

    public static BrokerSearch Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        Fields,
        static (ref MessagePackReader fields) => new BrokerSearch(fields.ReadUInt64(), StatementFields.ReadNode(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.Write(Operation);
        StatementFields.Write(ref writer, Client);
    }
}

/// <summary>Asks a broker for something that a signed statement says.</summary>
internal sealed class BrokerRequest(ulong operation, BrokerAct act, ImmutableArray<byte> statement, ImmutableArray<ImmutableArray<byte>> receipts) : PastMessage
{
    /// <summary>The most receipts of one request: as many as a file has replicas, and the neighbours beside them.</summary>
    public const int ReceiptsMax = FileCertificate.ReplicaCountMax + LookupAbsent.CandidatesMax;

    private const int Fields = 4;
    private const int ReceiptsBytesMax = 48 * 1024;

    public ulong Operation { get; } = operation;

    public BrokerAct Act { get; } = act;

    /// <summary>What the act goes by: an owner's order, a node's contribution, or the certificate by which an owner took a file back.</summary>
    public ImmutableArray<byte> Statement { get; } = statement;

    /// <summary>What nodes have signed that gave a file up; none in other acts.</summary>
    public ImmutableArray<ImmutableArray<byte>> Receipts { get; } = Fitting(receipts);

    public override PastMessageKind Kind => PastMessageKind.BrokerRequest;

    protected override int FieldCount => Fields;

    public static BrokerRequest Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        Fields,
        static (ref MessagePackReader fields) => new BrokerRequest(
            fields.ReadUInt64(),
            (BrokerAct)fields.ReadByte(),
            [.. StatementFields.ReadBytes(ref fields, 1, PermitOrder.EncodedLengthMax)],
            ReadReceipts(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.Write(Operation);
        writer.Write((byte)Act);
        writer.Write(Statement.AsSpan());
        writer.WriteArrayHeader(Receipts.Length);
        foreach (var receipt in Receipts)
        {
            writer.Write(receipt.AsSpan());
        }
    }

    private static ImmutableArray<ImmutableArray<byte>> ReadReceipts(ref MessagePackReader reader)
    {
        var receipts = new ImmutableArray<byte>[PastFormat.ReadCount(ref reader, ReceiptsMax)];
        for (var i = 0; i < receipts.Length; i++)
        {
            receipts[i] = [.. StatementFields.ReadBytes(ref reader, 1, ReclaimReceipt.EncodedLengthMax)];
        }

        return [.. receipts];
    }

    /// <summary>Takes as many receipts from the first on as a message has room for.</summary>
    private static ImmutableArray<ImmutableArray<byte>> Fitting(ImmutableArray<ImmutableArray<byte>> receipts)
    {
        var (count, bytes) = (0, 0);
        while (count < receipts.Length && count < ReceiptsMax && bytes + receipts[count].Length <= ReceiptsBytesMax)
        {
            bytes += receipts[count++].Length;
        }

        return receipts[..count];
    }
}

/// <summary>Brings a broker's signed answer.</summary>
internal sealed class BrokerReply(ulong operation, ImmutableArray<byte> statement) : PastMessage
{
    private const int Fields = 2;

    public ulong Operation { get; } = operation;

    /// <summary>The <see cref="BrokerAnswer"/>, which nobody has looked into.</summary>
    public ImmutableArray<byte> Statement { get; } = statement;

    public override PastMessageKind Kind => PastMessageKind.BrokerReply;

    protected override int FieldCount => Fields;

    public static BrokerReply Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        Fields,
        static (ref MessagePackReader fields) => new BrokerReply(fields.ReadUInt64(), [.. StatementFields.ReadBytes(ref fields, 1, BrokerAnswer.EncodedLengthMax)]));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.Write(Operation);
        writer.Write(Statement.AsSpan());
    }
}

/// <summary>Numbers what a broker is asked to do.</summary>
internal enum BrokerAct : byte
{
    None = 0,

    /// <summary>Permit files, or only tell how an account stands.</summary>
    Order = 1,

    /// <summary>Count on what a node contributes.</summary>
    Contribute = 2,

    /// <summary>Credit a file that was taken back.</summary>
    Credit = 3,
}
