using System.Buffers;
using System.Buffers.Binary;
using MessagePack;

namespace P2P.Pastry.Wire;

/// <summary>
/// Encodes messages: a header that begins with 8 bytes (version, kind, hops, its own length in words, sequence), the application and key
/// where the kind has them, what later releases put behind these, and the payload. Numbers are little-endian, keys most significant byte
/// first. docs/protocols/pastry.md shows every byte.
/// </summary>
internal static class MessageFormat
{
    public const byte Version = 1;

    /// <summary>The header's length is counted in words of so many bytes.</summary>
    public const int WordLength = 4;

    public const int RoutedHeaderLength = DirectHeaderLength + NodeId.ByteLength;

    private const int HopsOffset = 2;
    private const int LengthOffset = 3;
    private const int SequenceOffset = 4;
    private const int HeaderLength = 8;
    private const int DirectHeaderLength = HeaderLength + sizeof(uint);

    public static void Write(IBufferWriter<byte> writer, in Message message)
    {
        var known = KnownLengthOf(message.Kind);
        var extension = message.Extension is { } carried ? carried.Bytes : default;
        var length = known + extension.Length;
        var header = writer.GetSpan(length);
        header[0] = Version;
        header[1] = (byte)message.Kind;
        header[HopsOffset] = message.Hops;
        header[LengthOffset] = (byte)(length / WordLength);
        BinaryPrimitives.WriteUInt32LittleEndian(header[SequenceOffset..], message.Sequence);
        if (known > HeaderLength)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header[HeaderLength..], message.Application.Value);
        }

        if (known > DirectHeaderLength)
        {
            message.Key.WriteBytes(header[DirectHeaderLength..]);
        }

        extension.CopyTo(header[known..]);
        writer.Advance(length);
        message.Payload.WriteTo(writer);
    }

    /// <summary>Reads a message; the payload of an application's stays where it lies, undecoded.</summary>
    /// <returns>False where the bytes are no message of a version and kind that this node knows or passes on.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, out Message message) => TryRead(bytes, out message, out _);

    /// <inheritdoc cref="TryRead(ReadOnlyMemory{byte}, out Message)"/>
    /// <param name="bytes">The bytes.</param>
    /// <param name="message">The message, where there is one.</param>
    /// <param name="isMalformed">Whether it is none of any release: nobody who keeps to the protocol sends it.</param>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, out Message message, out bool isMalformed)
    {
        message = default;
        isMalformed = false;
        var span = bytes.Span;
        if (span.Length < HeaderLength || span[0] != Version)
        {
            return false;
        }

        var kind = (MessageKind)span[1];
        var known = KnownLengthOf(kind);
        var length = span[LengthOffset] * WordLength;
        if (length < known || span.Length < length || !TryReadPayload(kind, bytes[length..], out var payload))
        {
            isMalformed = Enum.IsDefined(kind) || kind.IsRouted();
            return false;
        }

        message = new Message
        {
            Kind = kind,
            Hops = span[HopsOffset],
            Sequence = BinaryPrimitives.ReadUInt32LittleEndian(span[SequenceOffset..]),
            Application = known > HeaderLength ? new PastryApplicationId(BinaryPrimitives.ReadUInt32LittleEndian(span[HeaderLength..])) : default,
            Key = known > DirectHeaderLength ? NodeId.FromBytes(span.Slice(DirectHeaderLength, NodeId.ByteLength)) : default,
            Payload = payload,
            Extension = length > known && kind.IsRouted() ? HeaderExtension.Copy(span[known..length]) : null,
        };
        return true;
    }

    /// <summary>Gives the length of the payload of a message that was written.</summary>
    public static int PayloadLengthOf(ReadOnlySpan<byte> written) => written.Length - written[LengthOffset] * WordLength;

    private static bool TryReadPayload(MessageKind kind, ReadOnlyMemory<byte> bytes, out Payload payload)
    {
        payload = default;
        if (kind is MessageKind.Routed or MessageKind.Direct or >= MessageKinds.LaterRouted)
        {
            payload = Payload.FromBytes(bytes);
            return bytes.Length <= Payload.LengthMax;
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
                MessageKind.Confirmation => ConfirmationBody.Read(ref reader),
                MessageKind.RowRequest => RowRequestBody.Read(ref reader),
                MessageKind.RowReply or MessageKind.RowAnnouncement => RowBody.Read(ref reader),
                _ => null,
            };
            payload = body is null ? default : Payload.FromContent(body);
            return body is not null;
        }
        catch (Exception exception) when (PackReading.IsMalformed(exception))
        {
            return false;
        }
    }

    private static int KnownLengthOf(MessageKind kind) =>
        kind.IsRouted() ? RoutedHeaderLength
        : kind == MessageKind.Direct ? DirectHeaderLength
        : HeaderLength;
}
