using System.Security.Cryptography;

namespace P2P.YouServ.Wire;

/// <summary>Makes and reads the keys to which passes belong: ECDSA over P-256, and no other.</summary>
internal static class ProofKey
{
    private const int TextLengthMax = 256;

    public static ECDsa Create() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Gives a key's public part (SubjectPublicKeyInfo, base64).</summary>
    public static string TextOf(ECDsa key) => Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());

    /// <returns>The key; null if the text is none of the kind.</returns>
    public static ECDsa? TryImport(string text)
    {
        var bytes = new byte[TextLengthMax];
        if (text.Length > TextLengthMax || !Convert.TryFromBase64String(text, bytes, out var length))
        {
            return null;
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(bytes.AsSpan(0, length), out var read);
            if (read == length && key.KeySize == 256 && key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value)
            {
                return key;
            }
        }
        catch (CryptographicException)
        {
        }

        key.Dispose();
        return null;
    }
}
