using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace P2P.YouServ.Wire;

/// <summary>
/// Signs and reads tickets and passes: <c>base64url(JSON) . base64url(signature)</c>, ECDSA over P-256 with SHA-256, over the first part's characters and what they are for. There is one
/// algorithm, so that nobody can choose another. Safe to be used by many threads.
/// </summary>
internal sealed class TicketKey : IDisposable
{
    /// <summary>How many characters a ticket has at most; what takes the most are the user's groups.</summary>
    public const int TicketLengthMax = 16 * 1024;

    private const string TicketPurpose = "youserv ticket 1\n";
    private const string PassPurpose = "youserv tunnel 1\n";
    private const string SyncPurpose = "youserv sync 1\n";
    private const string UserPurpose = "youserv user 1\n";

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

    public string Sign(Ticket ticket) => Sign(TicketPurpose, JsonSerializer.SerializeToUtf8Bytes(ticket, WireJson.Default.Ticket));

    public string Sign(TunnelPass pass) => Sign(PassPurpose, JsonSerializer.SerializeToUtf8Bytes(pass, WireJson.Default.TunnelPass));

    public string Sign(SyncPass pass) => Sign(SyncPurpose, JsonSerializer.SerializeToUtf8Bytes(pass, WireJson.Default.SyncPass));

    public string Sign(UserPass pass) => Sign(UserPurpose, JsonSerializer.SerializeToUtf8Bytes(pass, WireJson.Default.UserPass));

    /// <summary>Reads a ticket.</summary>
    /// <returns>The ticket; null if the text is none, was signed by another, is for another site, or has ended.</returns>
    public Ticket? Read(string text, string site, DateTimeOffset now) =>
        Read(TicketPurpose, text, WireJson.Default.Ticket) is { } ticket && ticket.Site == site && ticket.Expires > now.ToUnixTimeSeconds() ? ticket : null;

    /// <summary>Reads a pass.</summary>
    /// <returns>The pass; null if the text is none, was signed by another, is for another proxy, or has ended.</returns>
    public TunnelPass? ReadPass(string text, string proxy, DateTimeOffset now) =>
        Read(PassPurpose, text, WireJson.Default.TunnelPass) is { } pass && pass.Proxy == proxy && pass.Expires > now.ToUnixTimeSeconds() ? pass : null;

    /// <summary>Reads what lets a peer copy a site.</summary>
    /// <returns>The pass; null if the text is none, was signed by another, is for another site, or has ended.</returns>
    public SyncPass? ReadSyncPass(string text, string host, DateTimeOffset now) =>
        Read(SyncPurpose, text, WireJson.Default.SyncPass) is { } pass && pass.Host == host && pass.Expires > now.ToUnixTimeSeconds() ? pass : null;

    /// <summary>Reads what says for whom the holder of a key may ask. Whether it holds at some moment is left to whoever reads it.</summary>
    /// <returns>The pass; null if the text is none, or was signed by another.</returns>
    public UserPass? ReadUserPass(string text) => Read(UserPurpose, text, WireJson.Default.UserPass);

    public void Dispose() => _key.Dispose();

    private string Sign(string purpose, byte[] json)
    {
        var body = Base64Url.EncodeToString(json);
        lock (_gate)
        {
            return $"{body}.{Base64Url.EncodeToString(_key.SignData(Signed(purpose, body), HashAlgorithmName.SHA256))}";
        }
    }

    private T? Read<T>(string purpose, string text, JsonTypeInfo<T> type)
        where T : class
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
                if (!_key.VerifyData(Signed(purpose, body), signature, HashAlgorithmName.SHA256))
                {
                    return null;
                }
            }

            return JsonSerializer.Deserialize(Base64Url.DecodeFromChars(body), type);
        }
        catch (Exception failure) when (failure is FormatException or JsonException or CryptographicException)
        {
            return null;
        }
    }

    private static byte[] Signed(string purpose, string body) => System.Text.Encoding.ASCII.GetBytes(purpose + body);
}
