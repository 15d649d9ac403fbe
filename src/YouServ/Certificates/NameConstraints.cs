using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace P2P.YouServ.Certificates;

/// <summary>
/// Limits an authority to the names of one zone (RFC 5280, section 4.2.1.10): whoever trusts it trusts it for that zone's hosts, and for nothing else on the web.
/// </summary>
internal static class NameConstraints
{
    private const string Oid = "2.5.29.30";

    private static readonly Asn1Tag Permitted = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Excluded = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag DnsName = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag Address = new(TagClass.ContextSpecific, 7);

    /// <summary>Permits a zone and all beneath it, and excludes every address: what is not named as permitted of a kind that has no permission at all would be free.</summary>
    public static X509Extension For(string zone)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(Permitted))
            using (writer.PushSequence())
            {
                writer.WriteCharacterString(UniversalTagNumber.IA5String, zone, DnsName);
            }

            // An address and its mask: none of IPv4, none of IPv6.
            using (writer.PushSequence(Excluded))
            {
                foreach (var bytes in (int[])[8, 32])
                {
                    using (writer.PushSequence())
                    {
                        writer.WriteOctetString(new byte[bytes], Address);
                    }
                }
            }
        }

        return new X509Extension(Oid, writer.Encode(), critical: true);
    }
}
