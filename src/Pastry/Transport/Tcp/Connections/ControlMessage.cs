using System.Buffers;
using MessagePack;
using P2P.Pastry.Wire;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Is what a host says about a connection that is open. A MessagePack array: kind, then index, statement and certificate where there are any.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Index">The node that it is about.</param>
/// <param name="Statement">The delegation of a node that was added or renewed.</param>
/// <param name="Certificate">What that node shows to be admitted.</param>
internal readonly record struct ControlMessage(ControlKind Kind, ushort Index = 0, SignedStatement? Statement = null, SignedStatement? Certificate = null)
{
    private const int NodeAddedFields = 3;

    public byte[] ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>(16);
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(Kind switch { ControlKind.NodeAdded => Certificate is null ? NodeAddedFields : NodeAddedFields + 1, ControlKind.NodeRemoved or ControlKind.NodeLeaving => 2, _ => 1 });
        writer.Write((int)Kind);
        if (Kind is ControlKind.NodeAdded or ControlKind.NodeRemoved or ControlKind.NodeLeaving)
        {
            writer.Write(Index);
        }

        Statement?.Write(ref writer);
        Certificate?.Write(ref writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no control message.</exception>
    public static ControlMessage Read(ReadOnlyMemory<byte> bytes) => WireReading.Read(bytes, "a control message", static (ref MessagePackReader reader) =>
    {
        var fields = reader.ReadArrayHeader();
        NodeHandleFormat.Require(fields >= 1, "A control message has a kind.");
        var kind = (ControlKind)reader.ReadInt32();
        return kind switch
        {
            ControlKind.NodeAdded => new ControlMessage(
                kind, reader.ReadUInt16(), SignedStatement.Read(ref reader), WireReading.ReadOptional(ref reader, fields > NodeAddedFields)),
            ControlKind.NodeRemoved or ControlKind.NodeLeaving => new ControlMessage(kind, reader.ReadUInt16()),
            _ => new ControlMessage(kind),
        };
    });
}

/// <summary>Tells the kinds of control message. The numbers are on the wire; an unknown one is skipped.</summary>
internal enum ControlKind
{
    /// <summary>A node came to live here, or its delegation was renewed.</summary>
    NodeAdded = 1,

    /// <summary>A node no longer lives here.</summary>
    NodeRemoved = 2,

    /// <summary>This is the last frame that the sender writes to the connection.</summary>
    Farewell = 3,

    /// <summary>A node is about to stop: open no more streams to it. From version 2 on.</summary>
    NodeLeaving = 4,
}
