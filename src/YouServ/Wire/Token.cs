using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace P2P.YouServ.Wire;

/// <summary>Makes secrets that say who holds them, and the hashes by which they are known.</summary>
internal static class Token
{
    public const int LengthMax = 128;

    /// <summary>Makes a secret of 256 bits, which needs no escaping in a URL or a cookie.</summary>
    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>Makes a name of 96 bits that tells things apart, and is no secret.</summary>
    public static string CreateId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));

    /// <summary>A secret is random, so that a fast hash hides it.</summary>
    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
