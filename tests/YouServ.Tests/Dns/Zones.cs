using P2P.YouServ.Dns;

namespace YouServ.Tests.Dns;

/// <summary>Makes a zone without a server.</summary>
internal static class Zones
{
    public static Zone Make()
    {
        var zone = new Zone(TestZone.Origin, new ZoneStart(TestZone.Origin.Child("ns1"), TestZone.Origin.Child("hostmaster"), 5), serial: 7);
        Change(
            zone,
            [
                .. TestZone.Records,
                new DnsRecordSet(TestZone.Origin, DnsRecordType.Ns, ["ns1.userv.example", "ns.other.example"]),
                TestZone.Addresses(TestZone.Joe, "192.0.2.1", "192.0.2.2"),
                DnsRecordSet.OfTexts(TestZone.Joe.Child("_acme-challenge"), "token \"ü\""),
                TestZone.Addresses(TestZone.Origin.Child("a.b.c"), "192.0.2.3"),
                Alias("www", "alias.userv.example"),
                Alias("alias", "joe.userv.example"),
                Alias("away", "site.other.example"),
                Alias("lost", "nobody.userv.example"),
                Alias("circle", "circle.userv.example"),
            ]);
        return zone;

        static DnsRecordSet Alias(string label, string target) => new(TestZone.Origin.Child(label), DnsRecordType.Cname, [target]);
    }

    public static void Change(Zone zone, params DnsRecordSet[] sets)
    {
        var draft = new ZoneDraft(zone);
        draft.Add([.. sets.Select(set => ZoneChange.Of(set, TestZone.Origin, TimeSpan.FromSeconds(10)))]);
        draft.Apply(serial: 7);
    }
}
