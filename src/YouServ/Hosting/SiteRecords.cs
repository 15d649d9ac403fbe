using System.Net;
using System.Net.Sockets;
using P2P.YouServ.Dns;

namespace P2P.YouServ.Hosting;

/// <summary>Says in the words of DNS where a site is.</summary>
internal static class SiteRecords
{
    public static IEnumerable<DnsRecordSet> Of(SiteRecord site, CoordinatorOptions options)
    {
        var name = DnsName.Parse($"{site.Name}.{options.Zone}");
        yield return new(name, DnsRecordType.A, Values(site.Addresses, AddressFamily.InterNetwork)) { TimeToLive = options.DnsTimeToLive };
        yield return new(name, DnsRecordType.Aaaa, Values(site.Addresses, AddressFamily.InterNetworkV6)) { TimeToLive = options.DnsTimeToLive };
    }

    private static string[] Values(IEnumerable<IPAddress> addresses, AddressFamily family) =>
        [.. addresses.Where(address => address.AddressFamily == family).Select(address => address.ToString())];
}
