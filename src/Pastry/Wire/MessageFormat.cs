using System.Buffers;
using System.Buffers.Binary;
using MessagePack;

namespace P2P.Pastry.Wire;

/// <summary>
/// Encodes messages: a fixed header of 8 bytes (version, kind, hops, zero, sequence), the key and application where the kind has them,
/// and the payload. Numbers are little-endian, keys most significant byte first. docs/protocols/pastry.md shows every byte.
/// </summary>
internal static class MessageFormat
{
    public const byte Version = 1;

    private const int HopsOffset = 2;
    private const int SequenceOffset = 4;
    private const int HeaderLength = 8;
    private const int DirectHeaderLength = HeaderLength + sizeof(uint);
    private const int RoutedHeaderLength = DirectHeaderLength + NodeId.ByteLength;

    public static void Write(IBufferWriter<byte> writer, in Message message)
    {
        var headerLength = HeaderLengthOf(message.Kind);
        var header = writer.GetSpan(headerLength);
        header[0] = Version;
        header[1] = (byte)message.Kind;
        header[HopsOffset] = message.Hops;
        header[3] = 0;
        BinaryPrimitives.WriteUInt32LittleEndian(header[SequenceOffset..], message.Sequence);
        if (headerLength > HeaderLength)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header[HeaderLength..], message.Application.Value);
        }

        if (headerLength > DirectHeaderLength)
        {
            message.Key.WriteBytes(header[DirectHeaderLength..]);
        }

        writer.Advance(headerLength);
        message.Payload.WriteTo(writer);
    }

    /// <summary>Reads a message; the payload of an application's stays where it lies, undecoded.</summary>
    /// <returns>False where the bytes are no message of a version and kind that this node knows.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, out Message message)
    {
        message = default;
        var span = bytes.Span;
        if (span.Length < HeaderLength || span[0] != Version)
        {
            return false;
        }

        var kind = (MessageKind)span[1];
        var headerLength = HeaderLengthOf(kind);
        if (span.Length < headerLength)
        {
            return false;
        }

        var rest = bytes[headerLength..];
        if (!TryReadPayload(kind, rest, out var payload))
        {
            return false;
        }

        message = new Message
        {
            Kind = kind,
            Hops = span[HopsOffset],
            Sequence = BinaryPrimitives.ReadUInt32LittleEndian(span[SequenceOffset..]),
            Application = headerLength > HeaderLength ? new PastryApplicationId(BinaryPrimitives.ReadUInt32LittleEndian(span[HeaderLength..])) : default,
            Key = headerLength > DirectHeaderLength ? NodeId.FromBytes(span.Slice(DirectHeaderLength, NodeId.ByteLength)) : default,
            Payload = payload,
        };
        return true;
    }

    private static bool TryReadPayload(MessageKind kind, ReadOnlyMemory<byte> bytes, out Payload payload)
    {
        payload = default;
        if (kind is MessageKind.Routed or MessageKind.Direct)
        {
            payload = Payload.FromBytes(bytes);
            return true;
        }

        if (kind is MessageKind.Acknowledgement or MessageKind.Ping or MessageKind.Pong or MessageKind.Departure)
        {
            return true;
        }

        try
        {
            var reader = new MessagePackReader(bytes);
            ControlBody? body = kind switch
            {
                MessageKind.JoinRequest => JoinRequestBody.Read(ref reader),
                MessageKind.JoinReply => JoinReplyBody.Read(ref reader),
                MessageKind.LeafSetProbe or MessageKind.LeafSetReply => LeafSetBody.Read(ref reader),
                MessageKind.Lease => LeaseBody.Read(ref reader),
                MessageKind.RowRequest => RowRequestBody.Read(ref reader),
                MessageKind.RowReply or MessageKind.RowAnnouncement => RowBody.Read(ref reader),
                _ => null,
            };
            payload = body is null ? default : Payload.FromContent(body);
            return body is not null;
        }
        catch (Exception exception) when (exception is MessagePackSerializationException or EndOfStreamException or OverflowException or ArgumentException)
        {
            return false;
        }
    }

    private static int HeaderLengthOf(MessageKind kind) => kind switch
    {
        MessageKind.Routed or MessageKind.JoinRequest => RoutedHeaderLength,
        MessageKind.Direct => DirectHeaderLength,
        _ => HeaderLength,
    };
}
