using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Works out where others reach this host.</summary>
internal static class Advertisement
{
    /// <summary>Gives what the options say, or else what is bound.</summary>
    public static ImmutableArray<NodeAddress> Of(TcpTransportOptions options, IEnumerable<IPEndPoint> bound) =>
        options.AdvertisedAddresses.Length > 0
            ? options.AdvertisedAddresses
            : [.. bound.Select(end => new NodeAddress(Concrete(end.Address).ToString(), end.Port))];

    private static IPAddress Concrete(IPAddress address) =>
        address.Equals(IPAddress.Any) ? Outward("192.0.2.1") ?? IPAddress.Loopback
        : address.Equals(IPAddress.IPv6Any) ? Outward("2001:db8::1") ?? IPAddress.IPv6Loopback
        : address;

    /// <summary>Asks the system which address it would use towards the world. Connecting a UDP socket sends nothing.</summary>
    private static IPAddress? Outward(string world)
    {
        var target = IPAddress.Parse(world);
        try
        {
            using var socket = new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(target, 9);
            return (socket.LocalEndPoint as IPEndPoint)?.Address;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
