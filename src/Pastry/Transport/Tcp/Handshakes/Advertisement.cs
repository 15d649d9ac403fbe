using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Works out where others reach this host.</summary>
internal static class Advertisement
{
    /// <summary>Gives what the options say, or else what is bound.</summary>
    public static ImmutableArray<NodeAddress> Of(TcpTransportOptions options, IEnumerable<IPEndPoint> bound) =>
        options.AdvertisedAddresses.Length > 0 ? options.AdvertisedAddresses : Of([.. bound], Outward(IPAddress.Any), Outward(IPAddress.IPv6Any));

    /// <summary>Gives what is bound, with the outward addresses in the place of wildcards. A wildcard of a family without a way out is left out where there is a better one.</summary>
    internal static ImmutableArray<NodeAddress> Of(IReadOnlyList<IPEndPoint> bound, IPAddress? outward, IPAddress? outward6)
    {
        var reachable = bound.Where(end => !(IsWildcard(end.Address) && OutwardOf(end.Address) is null)).ToArray();
        return
        [
            .. (reachable.Length > 0 ? reachable : bound)
                .Select(end => new NodeAddress(Concrete(end.Address).ToString(), end.Port))
                .Distinct()
                .Take(NodeHandle.AddressesMax),
        ];

        IPAddress? OutwardOf(IPAddress wildcard) => wildcard.AddressFamily == AddressFamily.InterNetwork ? outward : outward6;

        IPAddress Concrete(IPAddress address) =>
            !IsWildcard(address) ? address
            : OutwardOf(address) ?? (address.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback);
    }

    private static bool IsWildcard(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    /// <summary>Asks the system which address it would use towards the world. Connecting a UDP socket sends nothing.</summary>
    private static IPAddress? Outward(IPAddress wildcard)
    {
        // Addresses for documentation: nobody has them, and they go where everything goes.
        var target = IPAddress.Parse(wildcard.AddressFamily == AddressFamily.InterNetwork ? "192.0.2.1" : "2001:db8::1");
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
