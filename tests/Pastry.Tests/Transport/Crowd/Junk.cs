using System.Buffers;
using P2P.Pastry.Transport.Framing;
using P2P.Pastry.Wire;

namespace P2P.Pastry.Tests.Transport.Crowd;

/// <summary>Holds frames that are of no use to anybody: they make work, and none makes its sender a member of the ring.</summary>
internal static class Junk
{
    private const int Length = 64 * 1024;

    /// <summary>Messages as they should be: to answer, to pass on, and for nobody.</summary>
    public static byte[] Messages { get; } = Frames(random => random.Next(6) switch
    {
        0 => Bytes(Message.Control(MessageKind.Ping, (uint)random.Next())),
        1 => Bytes(Message.Control(MessageKind.RowRequest, 0, new RowRequestBody(random.Next(4)))),
        2 => Bytes(new Message { Kind = MessageKind.Direct, Payload = Payload.FromBytes(new byte[random.Next(200)]) }),
        3 => Bytes(new Message { Kind = MessageKind.Routed, Key = new NodeId(new UInt128((ulong)random.NextInt64(), 0)), Payload = Payload.FromBytes(new byte[64]) }),
        4 => Bytes(Message.Control((MessageKind)77)),
        _ => Bytes(Message.Control(MessageKind.Acknowledgement, (uint)random.Next())),
    });

    /// <summary>Messages whose body is none.</summary>
    public static byte[] Malformed { get; } = Frames(_ => [MessageFormat.Version, (byte)MessageKind.Lease, 0, 2, 0, 0, 0, 0, 0xC1]);

    /// <summary>A frame longer than there is.</summary>
    public static byte[] Oversize { get; } = BitConverter.GetBytes(FrameFormat.MaxFrameLength);

    private static byte[] Frames(Func<Random, byte[]> next)
    {
        var random = new Random(1);
        var frames = new List<byte>(Length);
        while (frames.Count < Length)
        {
            var message = next(random);
            var frame = new byte[FrameFormat.HeaderLength + message.Length];
            FrameFormat.Write(frame, source: 0, destination: 0, message);
            frames.AddRange(frame);
        }

        return [.. frames];
    }

    private static byte[] Bytes(in Message message)
    {
        var writer = new ArrayBufferWriter<byte>();
        MessageFormat.Write(writer, message);
        return writer.WrittenSpan.ToArray();
    }
}
