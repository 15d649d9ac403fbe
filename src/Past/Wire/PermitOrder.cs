using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using MessagePack;
using P2P.Past.Protocol;
using P2P.Pastry;

namespace P2P.Past.Wire;

/// <summary>
/// Is what an owner signs to get permits, or, with no file, to learn how the account stands. It names the node that brings it, and from no other node it is
/// taken: who overhears it can do nothing with it.
/// </summary>
internal sealed class PermitOrder
{
    public const string Purpose = "p2p.past.order.1";

    /// <summary>The most files of one order.</summary>
    public const int FilesMax = 64;

    public const int EncodedLengthMax = 8 * 1024;

    private const int FieldCount = 3;
    private const int FileFieldCount = 3;

    private PermitOrder(SignedStatement statement, Hash256 broker, NodeId bearer, ImmutableArray<OrderedFile> files)
    {
        Statement = statement;
        Broker = broker;
        Bearer = bearer;
        Files = files;
    }

    public SignedStatement Statement { get; }

    /// <summary>The hash of the key of the broker for whom it is.</summary>
    public Hash256 Broker { get; }

    /// <summary>The node that brings it.</summary>
    public NodeId Bearer { get; }

    public ImmutableArray<OrderedFile> Files { get; }

    public PublicKey Owner => Statement.Signer;

    /// <summary>Writes what an owner is to sign.</summary>
    public static byte[] Encode(PublicKey broker, NodeId bearer, IReadOnlyCollection<OrderedFile> files)
    {
        var encoded = new ArrayBufferWriter<byte>(256);
        var writer = new MessagePackWriter(encoded);
        writer.WriteArrayHeader(FieldCount);
        StatementFields.Write(ref writer, InsertPermit.HashOf(broker));
        StatementFields.Write(ref writer, bearer);
        writer.WriteArrayHeader(FileFieldCount * files.Count);
        foreach (var file in files)
        {
            StatementFields.Write(ref writer, file.FileId);
            writer.Write(file.ContentLength);
            writer.Write(file.ReplicaCount);
        }

        writer.Flush();
        return encoded.WrittenSpan.ToArray();
    }

    /// <summary>Reads an order from bytes that anybody may have sent; nothing is verified.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> encoded, [NotNullWhen(true)] out PermitOrder? order)
    {
        try
        {
            var statement = StatementFields.ReadStatement(new ReadOnlySequence<byte>(encoded), EncodedLengthMax);
            var reader = new MessagePackReader(statement.Body.AsMemory());
            order = StatementFields.ReadFields(
                ref reader,
                FieldCount,
                (ref MessagePackReader fields) => new PermitOrder(
                    statement, StatementFields.ReadHash(ref fields), StatementFields.ReadNodeId(ref fields), ReadFiles(ref fields)));
            return true;
        }
        catch (Exception exception) when (StatementFields.IsMalformed(exception))
        {
            order = null;
            return false;
        }
    }

    public bool Verify() => Statement.Verify(Purpose);

    private static ImmutableArray<OrderedFile> ReadFiles(ref MessagePackReader reader)
    {
        var files = new OrderedFile[PastFormat.ReadCount(ref reader, FilesMax * FileFieldCount) / FileFieldCount];
        for (var i = 0; i < files.Length; i++)
        {
            files[i] = new OrderedFile(
                StatementFields.ReadFileId(ref reader),
                StatementFields.ReadInteger(ref reader, 0, ContentLayout.ContentLengthMax),
                (int)StatementFields.ReadInteger(ref reader, 1, FileCertificate.ReplicaCountMax));
        }

        return [.. files];
    }
}
