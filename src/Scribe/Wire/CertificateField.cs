using MessagePack;

namespace P2P.Scribe.Wire;

/// <summary>Is the certificate of a group as a field of messages, or nil.</summary>
internal static class CertificateField
{
    public static GroupCertificate? Read(ref MessagePackReader reader)
    {
        if (reader.TryReadNil())
        {
            return null;
        }

        Fields.Require(GroupCertificate.TryRead(Fields.ReadBytes(ref reader, 1, GroupCertificate.EncodedLengthMax), out var certificate));
        return certificate;
    }

    public static void Write(ref MessagePackWriter writer, GroupCertificate? certificate)
    {
        if (certificate is null)
        {
            writer.WriteNil();
        }
        else
        {
            writer.Write(certificate.Encoded.AsSpan());
        }
    }
}
