using System.Net;
using P2P.YouServ.Dns;

namespace YouServ.Tests.Dns;

/// <summary>The zone that the tests serve, with two sites.</summary>
internal static class TestZone
{
    public static DnsName Origin { get; } = DnsName.Parse("userv.example");

    public static DnsName Joe { get; } = Origin.Child("joe");

    public static IReadOnlyList<DnsRecordSet> Records { get; } =
    [
        DnsRecordSet.OfAddresses(Origin.Child("ns1"), IPAddress.Parse("192.0.2.53")),
        new DnsRecordSet(Origin, DnsRecordType.Mx, ["10 mail.userv.example", "20 mail.other.example"]),
    ];

    public static DnsServerOptions Options => new()
    {
        Zone = Origin,
        NameServers = [Origin.Child("ns1"), DnsName.Parse("ns.other.example")],
        Endpoints = [new IPEndPoint(IPAddress.Loopback, 0)],
        Records = Records,
    };

    public static Task<DnsServer> StartAsync(Action<DnsServerOptions>? change = null)
    {
        var options = Options;
        change?.Invoke(options);
        return DnsServer.StartAsync(options);
    }

    public static DnsRecordSet Addresses(DnsName name, params string[] addresses) => DnsRecordSet.OfAddresses(name, [.. addresses.Select(IPAddress.Parse)]);
}
