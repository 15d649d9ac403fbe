using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace P2P.YouServ.Dns;

/// <summary>Names the network that somebody asks from, an IPv4 /24 or an IPv6 /56: what one party commonly has.</summary>
internal readonly record struct ClientNetwork(ulong Prefix, bool IsV6)
{
    // In every system's form of an address these places hold the address itself.
    private const int V4AddressAt = 4;
    private const int V6AddressAt = 8;

    /// <summary>Gives the network of an address of a family as the system has it, a sockaddr.</summary>
    public static ClientNetwork Of(AddressFamily family, ReadOnlySpan<byte> address) =>
        family == AddressFamily.InterNetwork ? OfV4(address[V4AddressAt..]) : OfV6(address[V6AddressAt..]);

    public static ClientNetwork Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetwork ? OfV4(bytes) : OfV6(bytes);
    }

    private static ClientNetwork OfV4(ReadOnlySpan<byte> address) => new(BinaryPrimitives.ReadUInt32BigEndian(address) >> 8, IsV6: false);

    private static ClientNetwork OfV6(ReadOnlySpan<byte> address) => new(BinaryPrimitives.ReadUInt64BigEndian(address) >> 8, IsV6: true);
}
