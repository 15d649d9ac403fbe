using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace P2P.Bloom.Hashing;

/// <summary>Hashes with MD5, whose four 32-bit words are four hash functions, each taken modulo the vector's length.</summary>
internal sealed class Md5Hasher() : BloomHasher(BloomHashAlgorithm.Md5, fingerprint: 0, locates: true)
{
    private const int FunctionCount = 4;

    public override int HashCountMax => FunctionCount;

    [SuppressMessage("Security", "CA5351", Justification = "The papers' filters are made with MD5; nothing is secret or signed here.")]
    public override BloomHash Hash(ReadOnlySpan<byte> element)
    {
        Span<byte> digest = stackalloc byte[MD5.HashSizeInBytes];
        MD5.HashData(element, digest);
        return new BloomHash(BinaryPrimitives.ReadUInt64LittleEndian(digest), BinaryPrimitives.ReadUInt64LittleEndian(digest[8..]));
    }

    public override void Locate(BloomHash hash, long length, Span<long> positions)
    {
        for (var index = 0; index < positions.Length; index++)
        {
            var half = index < 2 ? hash.Low : hash.High;
            positions[index] = (uint)(half >> (32 * (index & 1))) % length;
        }
    }
}
