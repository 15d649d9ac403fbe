using System.Buffers;
using System.Buffers.Binary;

namespace P2P.YouServ.Wire;

/// <summary>Is the head of a frame: a byte for its kind, four for the lane (0 for the tunnel itself), four for the length of its body or for the credit; big-endian.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="Lane">Which lane it belongs to.</param>
/// <param name="Value">The length of the body, or how much credit is given.</param>
internal readonly record struct TunnelFrame(TunnelFrameKind Kind, uint Lane, uint Value)
{
    /// <summary>How many bytes the head has.</summary>
    public const int HeadBytes = 9;

    /// <summary>How many bytes the body has at most.</summary>
    public const int BodyBytesMax = 64 * 1024;

    /// <summary>The length of the body behind the head.</summary>
    public int BodyBytes => Kind == TunnelFrameKind.Credit ? 0 : (int)Value;

    /// <summary>Whether a body of that length may follow.</summary>
    public bool IsSound => Kind switch
    {
        TunnelFrameKind.Data => Value is > 0 and <= BodyBytesMax,
        TunnelFrameKind.Open => Value == VisitorBytes,
        TunnelFrameKind.Credit => Value > 0,
        TunnelFrameKind.End or TunnelFrameKind.Reset or TunnelFrameKind.Ping or TunnelFrameKind.Pong or TunnelFrameKind.Leave => Value == 0,
        _ => false,
    };

    /// <summary>The body of <see cref="TunnelFrameKind.Open"/>: an address of IPv6, into which one of IPv4 is mapped, and a port.</summary>
    public const int VisitorBytes = 18;

    public void Write(Span<byte> head)
    {
        head[0] = (byte)Kind;
        BinaryPrimitives.WriteUInt32BigEndian(head[1..], Lane);
        BinaryPrimitives.WriteUInt32BigEndian(head[5..], Value);
    }

    /// <summary>Reads a head.</summary>
    /// <returns>Whether one is there in full.</returns>
    public static bool TryRead(in ReadOnlySequence<byte> bytes, out TunnelFrame frame)
    {
        frame = default;
        if (bytes.Length < HeadBytes)
        {
            return false;
        }

        Span<byte> head = stackalloc byte[HeadBytes];
        bytes.Slice(0, HeadBytes).CopyTo(head);
        frame = new((TunnelFrameKind)head[0], BinaryPrimitives.ReadUInt32BigEndian(head[1..]), BinaryPrimitives.ReadUInt32BigEndian(head[5..]));
        return true;
    }
}
