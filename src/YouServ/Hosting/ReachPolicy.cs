using System.Net;
using System.Net.Sockets;

namespace P2P.YouServ.Hosting;

/// <summary>
/// Says where a coordinator connects on behalf of a peer. A peer may name the address from which it calls, and those in networks that the operator trusts with peers; else it could
/// use the coordinator to knock at doors that it does not reach itself.
/// </summary>
internal sealed class ReachPolicy(IReadOnlyList<IPNetwork> networks)
{
    public const int AddressesMax = 2;

    /// <summary>Chooses the addresses to try.</summary>
    /// <param name="wanted">What the peer names; empty for where it calls from.</param>
    /// <param name="observed">Where it calls from.</param>
    /// <param name="port">The port that it names.</param>
    /// <param name="refusal">Why nothing is tried, for the peer's user.</param>
    /// <returns>One address of each family at most; empty if the coordinator refuses.</returns>
    public IReadOnlyList<IPAddress> Choose(IReadOnlyList<IPAddress> wanted, IPAddress observed, int port, out string refusal)
    {
        refusal = "";
        if (port is not (80 or 443 or (>= 1024 and <= 65535)))
        {
            refusal = $"Port {port} is none of 80, 443 and those from 1024 up.";
            return [];
        }

        IReadOnlyList<IPAddress> addresses = wanted.Count == 0 ? [observed] : wanted;
        if (addresses.Count > AddressesMax || addresses.DistinctBy(address => address.AddressFamily).Count() != addresses.Count)
        {
            refusal = "A site has one address of IPv4, one of IPv6, or both.";
            return [];
        }

        foreach (var address in addresses)
        {
            if (!address.Equals(observed) && !IsTrusted(address))
            {
                refusal = $"{address} is not the address {observed} from which the peer calls, and in no network that the coordinator's operator has named for peers.";
                return [];
            }
        }

        return addresses;
    }

    /// <summary>Takes the form of IPv4 out of an address of IPv6 that maps one, so that one place has one address.</summary>
    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>The place that limits count together: an address of IPv4, or the /64 that one customer has of IPv6.</summary>
    public static string Place(IPAddress address)
    {
        var plain = Plain(address);
        return plain.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(plain.GetAddressBytes().AsSpan(0, 8)) : plain.ToString();
    }

    private bool IsTrusted(IPAddress address) => networks.Any(network => network.Contains(address));
}
