using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace P2P.YouServ.Wire;

/// <summary>
/// Signs and reads tickets: <c>base64url(JSON) . base64url(signature)</c>, ECDSA over P-256 with SHA-256, over the first part's characters and what they are for. There is one
/// algorithm, so that nobody can choose another. Safe to be used by many threads.
/// </summary>
internal sealed class TicketKey : IDisposable
{
    /// <summary>How many characters a ticket has at most; what takes the most are the user's groups.</summary>
    public const int TicketLengthMax = 16 * 1024;

    private static readonly byte[] Purpose = "youserv ticket 1\n"u8.ToArray();

    private readonly ECDsa _key;
    private readonly Lock _gate = new();

    private TicketKey(ECDsa key) => _key = key;

    /// <summary>The public part, as SubjectPublicKeyInfo.</summary>
    public byte[] PublicKey
    {
        get
        {
            lock (_gate)
            {
                return _key.ExportSubjectPublicKeyInfo();
            }
        }
    }

    public static byte[] CreatePrivate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKey();
    }

    public static TicketKey FromPrivate(byte[] pkcs8)
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(pkcs8, out _);
        return new TicketKey(key);
    }

    /// <exception cref="CryptographicException">The bytes are no public key.</exception>
    public static TicketKey FromPublic(byte[] subjectPublicKeyInfo)
    {
        var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
        return new TicketKey(key);
    }

    public string Sign(Ticket ticket)
    {
        var body = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(ticket, WireJson.Default.Ticket));
        lock (_gate)
        {
            return $"{body}.{Base64Url.EncodeToString(_key.SignData(Signed(body), HashAlgorithmName.SHA256))}";
        }
    }

    /// <summary>Reads a ticket.</summary>
    /// <returns>The ticket; null if the text is none, was signed by another, is for another site, or has ended.</returns>
    public Ticket? Read(string text, string site, DateTimeOffset now)
    {
        var dot = text.Length > TicketLengthMax ? -1 : text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            return null;
        }

        try
        {
            var (body, signature) = (text[..dot], Base64Url.DecodeFromChars(text.AsSpan(dot + 1)));
            lock (_gate)
            {
                if (!_key.VerifyData(Signed(body), signature, HashAlgorithmName.SHA256))
                {
                    return null;
                }
            }

            var ticket = JsonSerializer.Deserialize(Base64Url.DecodeFromChars(body), WireJson.Default.Ticket);
            return ticket is not null && ticket.Site == site && ticket.Expires > now.ToUnixTimeSeconds() ? ticket : null;
        }
        catch (Exception failure) when (failure is FormatException or JsonException or CryptographicException)
        {
            return null;
        }
    }

    public void Dispose() => _key.Dispose();

    private static byte[] Signed(string body) => [.. Purpose, .. System.Text.Encoding.ASCII.GetBytes(body)];
}
