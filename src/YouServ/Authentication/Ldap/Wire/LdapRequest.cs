using System.Formats.Asn1;
using System.Text;

namespace P2P.YouServ.Ldap;

/// <summary>Encodes what is asked of a directory (RFC 4511 §4).</summary>
internal static class LdapRequest
{
    private const int Version = 3;
    private const string StartTlsName = "1.3.6.1.4.1.1466.20037";

    /// <summary>Asks to be somebody from now on, by a password (§4.2).</summary>
    /// <exception cref="ArgumentException">Name or password is empty: a server would answer yes to anybody (RFC 4513 §5.1.1, §5.1.2).</exception>
    public static byte[] Bind(int id, ReadOnlySpan<byte> dn, string password)
    {
        if (dn.IsEmpty || string.IsNullOrEmpty(password))
        {
            throw new ArgumentException("Without a name or a password, nothing is proved.");
        }

        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            using (writer.PushSequence(Operation(0)))
            {
                writer.WriteInteger(Version);
                writer.WriteOctetString(dn);
                writer.WriteOctetString(Encoding.UTF8.GetBytes(password), Choice(0));
            }
        }

        return writer.Encode();
    }

    /// <summary>Asks for entries at and beneath another (§4.5.1). Aliases are not followed.</summary>
    public static byte[] Search(int id, LdapSearch search)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            using (writer.PushSequence(Operation(3)))
            {
                writer.WriteOctetString(Encoding.UTF8.GetBytes(search.BaseDn));
                writer.WriteEnumeratedValue(SearchScope.Subtree);
                writer.WriteEnumeratedValue(AliasDereference.Never);
                writer.WriteInteger(search.EntriesMax);
                writer.WriteInteger(0);
                writer.WriteBoolean(false);
                search.Filter.Write(writer, search.Value.Span);
                using (writer.PushSequence())
                {
                    foreach (var attribute in search.Attributes)
                    {
                        writer.WriteOctetString(Encoding.ASCII.GetBytes(attribute));
                    }
                }
            }
        }

        return writer.Encode();
    }

    /// <summary>Asks to go on under TLS (§4.14).</summary>
    public static byte[] StartTls(int id)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            using (writer.PushSequence(Operation(23)))
            {
                writer.WriteOctetString(Encoding.ASCII.GetBytes(StartTlsName), Choice(0));
            }
        }

        return writer.Encode();
    }

    private static Asn1Tag Operation(int number) => new(TagClass.Application, number);

    private static Asn1Tag Choice(int number) => new(TagClass.ContextSpecific, number);

    private enum SearchScope
    {
        BaseObject,
        SingleLevel,
        Subtree,
    }

    private enum AliasDereference
    {
        Never,
    }
}
