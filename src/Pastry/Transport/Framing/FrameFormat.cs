using System.Buffers.Binary;

namespace P2P.Pastry.Transport.Framing;

/// <summary>
/// Is the form of a message between two hosts: u32 length of what follows, u16 source, u16 destination, message; little-endian. The
/// indexes are those of nodes at their hosts, so that a frame costs eight bytes and not two identifiers.
/// </summary>
internal static class FrameFormat
{
    public const int LengthBytes = 4;
    public const int HeaderLength = LengthBytes + 4;

    /// <summary>The index of the host itself: a frame from it speaks of the connection, not for a node.</summary>
    public const ushort Host = ushort.MaxValue;

    public const int MaxFrameLength = HeaderLength + MessageBatch.MessageLengthMax;

    public static void Write(Span<byte> frame, ushort source, ushort destination, ReadOnlySpan<byte> message)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)(HeaderLength - LengthBytes + message.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(frame[4..], source);
        BinaryPrimitives.WriteUInt16LittleEndian(frame[6..], destination);
        message.CopyTo(frame[HeaderLength..]);
    }

    /// <summary>Gives the length of a whole frame from its first four bytes.</summary>
    /// <exception cref="InvalidDataException">No frame has this length.</exception>
    public static int ReadFrameLength(ReadOnlySpan<byte> frame)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(frame);
        return length is >= HeaderLength - LengthBytes and <= MaxFrameLength - LengthBytes
            ? (int)length + LengthBytes
            : throw new InvalidDataException($"A frame claims {length} bytes; {HeaderLength - LengthBytes} to {MaxFrameLength - LengthBytes} are allowed.");
    }

    public static (ushort Source, ushort Destination) ReadIndexes(ReadOnlySpan<byte> frame) =>
        (BinaryPrimitives.ReadUInt16LittleEndian(frame[4..]), BinaryPrimitives.ReadUInt16LittleEndian(frame[6..]));
}
