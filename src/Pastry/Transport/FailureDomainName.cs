using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace P2P.Pastry.Transport;

/// <summary>Gives failure domains that people name the numbers that stand in handles.</summary>
internal static class FailureDomainName
{
    public const int LengthMax = 256;

    /// <summary>Gives the first eight bytes of the name's SHA-256; never 0, which is no domain.</summary>
    public static ulong NumberOf(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        return Math.Max(1, BinaryPrimitives.ReadUInt64BigEndian(hash));
    }
}
