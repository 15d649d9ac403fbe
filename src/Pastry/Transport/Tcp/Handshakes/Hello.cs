using System.Buffers;
using System.Collections.Immutable;
using MessagePack;
using P2P.Pastry.Wire;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>
/// Opens a control connection from both sides, the dialling one first: which versions a host speaks, which ring it belongs to, and which
/// nodes live there.
/// </summary>
/// <param name="Verdict">What the sender thinks of the other's hello; the first hello accepts.</param>
/// <param name="Versions">What the sender speaks.</param>
/// <param name="Ring">The sender's ring; empty in a refusal, so that strangers don't learn it.</param>
/// <param name="Session">Drawn when the sender's transport starts: two connections with different sessions are of different lives.</param>
/// <param name="Nodes">The nodes of the sender, by their index.</param>
/// <remarks>
/// A MessagePack array: verdict, lowest version, highest version, ring, session, [[index, statement, certificate or nil], …]; whatever stands behind these
/// fields is skipped. The certificate is left out where there is none.
/// </remarks>
internal sealed record Hello(Verdict Verdict, VersionRange Versions, string Ring, ulong Session, ImmutableArray<HelloNode> Nodes)
{
    public const int MaxLength = 64 * 1024;
    public const int MaxNodes = 256;

    private const int Fields = 6;
    private const int NodeFields = 2;

    /// <summary>Answers a hello with a refusal.</summary>
    public static Hello Refusal(Verdict verdict, VersionRange versions) => new(verdict, versions, "", 0, []);

    public byte[] ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(Fields);
        writer.Write((int)Verdict);
        writer.Write(Versions.Min);
        writer.Write(Versions.Max);
        writer.Write(Ring);
        writer.Write(Session);
        writer.WriteArrayHeader(Nodes.Length);
        foreach (var node in Nodes)
        {
            writer.WriteArrayHeader(node.Certificate is null ? NodeFields : NodeFields + 1);
            writer.Write(node.Index);
            node.Statement.Write(ref writer);
            node.Certificate?.Write(ref writer);
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no hello.</exception>
    public static Hello Read(ReadOnlyMemory<byte> bytes) => WireReading.Read(bytes, "a hello", static (ref MessagePackReader reader) =>
    {
        var fields = reader.ReadArrayHeader();
        NodeHandleFormat.Require(fields >= Fields, "A hello has six fields.");
        var verdict = (Verdict)reader.ReadInt32();
        var versions = new VersionRange(reader.ReadInt32(), reader.ReadInt32());
        var ring = reader.ReadString() ?? "";
        var session = reader.ReadUInt64();
        return new Hello(verdict, versions, ring, session, ReadNodes(ref reader));
    });

    private static ImmutableArray<HelloNode> ReadNodes(ref MessagePackReader reader)
    {
        var count = reader.ReadArrayHeader();
        NodeHandleFormat.Require(count <= MaxNodes, $"A host has at most {MaxNodes} nodes.");
        var nodes = ImmutableArray.CreateBuilder<HelloNode>(count);
        for (var i = 0; i < count; i++)
        {
            var fields = reader.ReadArrayHeader();
            NodeHandleFormat.Require(fields >= NodeFields, "A node of a hello has two fields.");
            nodes.Add(new HelloNode(reader.ReadUInt16(), SignedStatement.Read(ref reader), WireReading.ReadOptional(ref reader, fields > NodeFields)));
            NodeHandleFormat.SkipRest(ref reader, fields, NodeFields + 1);
        }

        return nodes.MoveToImmutable();
    }
}

/// <summary>Is a node as a hello names it: with the delegation that it signed, and what it shows to be admitted.</summary>
internal readonly record struct HelloNode(ushort Index, SignedStatement Statement, SignedStatement? Certificate = null);
