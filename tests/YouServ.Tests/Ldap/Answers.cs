using System.Formats.Asn1;
using System.Text;
using P2P.YouServ.Ldap;

namespace YouServ.Tests.Ldap;

/// <summary>Encodes what a directory says.</summary>
internal static class Answers
{
    public static byte[] Result(int id, LdapOperation operation, LdapResultCode code) => Message(id, operation, writer =>
    {
        writer.WriteEnumeratedValue(code);
        writer.WriteOctetString([]);
        writer.WriteOctetString("words of the server's"u8);
    });

    public static byte[] Entry(int id, string dn, params (string Name, string[] Values)[] attributes) => Message(id, LdapOperation.Entry, writer =>
    {
        writer.WriteOctetString(Encoding.UTF8.GetBytes(dn));
        using (writer.PushSequence())
        {
            foreach (var (name, values) in attributes)
            {
                using (writer.PushSequence())
                {
                    writer.WriteOctetString(Encoding.UTF8.GetBytes(name));
                    using (writer.PushSetOf())
                    {
                        foreach (var value in values)
                        {
                            writer.WriteOctetString(Encoding.UTF8.GetBytes(value));
                        }
                    }
                }
            }
        }
    });

    public static byte[] Reference(int id) => Message(id, LdapOperation.Reference, writer => writer.WriteOctetString("ldap://elsewhere.example/"u8));

    private static byte[] Message(int id, LdapOperation operation, Action<AsnWriter> content)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            using (writer.PushSequence(new Asn1Tag(TagClass.Application, (int)operation)))
            {
                content(writer);
            }
        }

        return writer.Encode();
    }
}
