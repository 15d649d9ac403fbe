using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace P2P.YouServ.Dns;

/// <summary>Is a secret that this publisher and a server share (RFC 8945). The secret shows nowhere, neither in texts nor in logs.</summary>
public sealed class TsigKey
{
    private readonly byte[] _secret;

    /// <summary>Makes a key of a secret.</summary>
    /// <param name="name">The name by which the server knows it.</param>
    /// <param name="algorithm">How it signs.</param>
    /// <param name="secret">The secret, 16 to 512 bytes; as long as the hash is best, 32 or 64.</param>
    /// <exception cref="ArgumentException">The secret is too short or too long.</exception>
    public TsigKey(DnsName name, TsigAlgorithm algorithm, ReadOnlySpan<byte> secret)
    {
        if (secret.Length is < 16 or > 512 || !Enum.IsDefined(algorithm))
        {
            throw new ArgumentException($"The secret of {name} has {secret.Length} bytes; 16 to 512 are taken, with {string.Join(" or ", Enum.GetNames<TsigAlgorithm>())}.", nameof(secret));
        }

        (Name, Algorithm, _secret) = (name, algorithm, secret.ToArray());
    }

    /// <summary>The name by which the server knows the key.</summary>
    public DnsName Name { get; }

    /// <summary>How it signs.</summary>
    public TsigAlgorithm Algorithm { get; }

    /// <summary>The algorithm's name on the wire (RFC 8945 §6).</summary>
    internal DnsName AlgorithmName => DnsName.Parse(NameOf(Algorithm));

    internal int MacLength => Algorithm == TsigAlgorithm.HmacSha256 ? HMACSHA256.HashSizeInBytes : HMACSHA512.HashSizeInBytes;

    /// <summary>Reads a key as <c>tsig-keygen</c>'s users, <c>nsupdate -y</c> and <c>keymgr -t</c> write it.</summary>
    /// <param name="text">Algorithm, name and secret in Base64: <c>hmac-sha256:youserv:MTIzNDU2Nzg5MDEyMzQ1Ng==</c>.</param>
    /// <exception cref="FormatException">It is no key. The message does not repeat it.</exception>
    public static TsigKey Parse(string text) =>
        TryParse(text, out var key) ? key : throw new FormatException("A key is algorithm, name and a secret of 16 to 512 bytes in Base64, with colons between them; the algorithm is hmac-sha256 or hmac-sha512.");

    /// <summary>Reads a key.</summary>
    /// <param name="text">The text.</param>
    /// <param name="key">The key.</param>
    /// <returns>Whether the text is a key.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out TsigKey? key)
    {
        key = null;
        var secret = new byte[512];
        if (text?.Split(':') is [var algorithmName, var keyName, var base64]
            && Enum.GetValues<TsigAlgorithm>().Where(algorithm => NameOf(algorithm).Equals(algorithmName, StringComparison.OrdinalIgnoreCase)).ToArray() is [var algorithm]
            && DnsName.TryParse(keyName, out var name)
            && Convert.TryFromBase64String(base64, secret, out var length)
            && length >= 16)
        {
            key = new TsigKey(name, algorithm, secret.AsSpan(0, length));
        }

        CryptographicOperations.ZeroMemory(secret);
        return key is not null;
    }

    /// <summary>Gives algorithm and name, never the secret.</summary>
    public override string ToString() => $"{NameOf(Algorithm)}:{Name}";

    /// <summary>Begins to sign or to verify.</summary>
    internal IncrementalHash CreateMac() => IncrementalHash.CreateHMAC(Algorithm == TsigAlgorithm.HmacSha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA512, _secret);

    private static string NameOf(TsigAlgorithm algorithm) => algorithm == TsigAlgorithm.HmacSha256 ? "hmac-sha256" : "hmac-sha512";
}
