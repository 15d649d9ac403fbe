using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using MessagePack;
using P2P.Past.Protocol;
using P2P.Pastry;

namespace P2P.Past.Wire;

/// <summary>Is a broker's signed answer: to whom, it says by the hash of what was asked.</summary>
internal sealed class BrokerAnswer
{
    public const string Purpose = "p2p.past.answer.1";

    public const int EncodedLengthMax = 48 * 1024;

    private const int FieldCount = 5;
    private const int FileFieldCount = 3;

    private BrokerAnswer(SignedStatement statement, Hash256 question, BrokerStanding standing, QuotaAccount account, ImmutableArray<PermittedFile> files)
    {
        Statement = statement;
        Question = question;
        Standing = standing;
        Account = account;
        Files = files;
    }

    public SignedStatement Statement { get; }

    /// <summary>The hash of the statement that is answered.</summary>
    public Hash256 Question { get; }

    public BrokerStanding Standing { get; }

    /// <summary>How the owner's account stands, where an owner has asked.</summary>
    public QuotaAccount Account { get; }

    /// <summary>What was said to each file of an order, in the order's order.</summary>
    public ImmutableArray<PermittedFile> Files { get; }

    /// <summary>Writes what a broker is to sign.</summary>
    public static byte[] Encode(Hash256 question, BrokerStanding standing, QuotaAccount account, IReadOnlyList<PermittedFile> files)
    {
        var encoded = new ArrayBufferWriter<byte>(512);
        var writer = new MessagePackWriter(encoded);
        writer.WriteArrayHeader(FieldCount);
        StatementFields.Write(ref writer, question);
        writer.Write((byte)standing);
        writer.Write(account.UsedBytes);
        writer.Write(account.GrantedBytes);
        writer.WriteArrayHeader(FileFieldCount * files.Count);
        foreach (var (verdict, cost, permit) in files)
        {
            writer.Write((byte)verdict);
            writer.Write(cost);
            if (permit is null)
            {
                writer.WriteNil();
            }
            else
            {
                writer.Write(permit.Encoded.AsSpan());
            }
        }

        writer.Flush();
        return encoded.WrittenSpan.ToArray();
    }

    /// <summary>Reads an answer from bytes that anybody may have sent; nothing is verified.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> encoded, [NotNullWhen(true)] out BrokerAnswer? answer)
    {
        try
        {
            var statement = StatementFields.ReadStatement(new ReadOnlySequence<byte>(encoded), EncodedLengthMax);
            var reader = new MessagePackReader(statement.Body.AsMemory());
            answer = StatementFields.ReadFields(
                ref reader,
                FieldCount,
                (ref MessagePackReader fields) => new BrokerAnswer(
                    statement,
                    StatementFields.ReadHash(ref fields),
                    (BrokerStanding)fields.ReadByte(),
                    new QuotaAccount(StatementFields.ReadInteger(ref fields, 0, long.MaxValue), StatementFields.ReadInteger(ref fields, 0, long.MaxValue)),
                    ReadFiles(ref fields)));
            return true;
        }
        catch (Exception exception) when (StatementFields.IsMalformed(exception))
        {
            answer = null;
            return false;
        }
    }

    public bool Verify() => Statement.Verify(Purpose);

    private static ImmutableArray<PermittedFile> ReadFiles(ref MessagePackReader reader)
    {
        var files = new PermittedFile[PastFormat.ReadCount(ref reader, FileFieldCount * PermitOrder.FilesMax) / FileFieldCount];
        for (var i = 0; i < files.Length; i++)
        {
            files[i] = new PermittedFile((PermitVerdict)reader.ReadByte(), StatementFields.ReadInteger(ref reader, 0, long.MaxValue), ReadPermit(ref reader));
        }

        return [.. files];
    }

    private static InsertPermit? ReadPermit(ref MessagePackReader reader) =>
        reader.TryReadNil() ? null
        : InsertPermit.TryRead(StatementFields.ReadBytes(ref reader, 1, InsertPermit.EncodedLengthMax), out var permit) ? permit
        : throw new MessagePackSerializationException("The bytes are no permit.");
}

/// <summary>Is a broker's answer to one file of an order: whether it may be stored, what it counts, and the permit where it may.</summary>
internal readonly record struct PermittedFile(PermitVerdict Verdict, long CostBytes, InsertPermit? Permit);

/// <summary>Numbers what became of a question as a whole.</summary>
internal enum BrokerStanding : byte
{
    None = 0,

    /// <summary>It was answered, file by file where there were some.</summary>
    Answered = 1,

    /// <summary>It proves nothing: signed by somebody else, or brought by the wrong node, or for another broker.</summary>
    NotBelieved = 2,

    /// <summary>A contribution is older than what is known of the node, or there are too many contributors.</summary>
    NotTaken = 3,

    /// <summary>The file that is to be credited was never debited.</summary>
    NotKnown = 4,
}
