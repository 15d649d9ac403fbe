using System.Buffers.Binary;
using System.Security.Cryptography;

namespace P2P.Bloom.Hashing;

/// <summary>Hashes with SipHash-2-4-128 under a secret key.</summary>
internal sealed class KeyedHasher(ReadOnlySpan<byte> key) : BloomHasher(BloomHashAlgorithm.SipHash128, FingerprintOf(key))
{
    public const int KeyLength = 16;

    private readonly SipHash128 _function = new(BinaryPrimitives.ReadUInt64LittleEndian(key), BinaryPrimitives.ReadUInt64LittleEndian(key[8..]));

    public override BloomHash Hash(ReadOnlySpan<byte> element) => _function.Hash(element);

    // One-way, and apart from every hash of an element: what travels in a header tells keys apart and nothing else.
    private static ulong FingerprintOf(ReadOnlySpan<byte> key)
    {
        ReadOnlySpan<byte> purpose = "p2p.bloom.key.1\0"u8;
        Span<byte> message = stackalloc byte[16 + KeyLength];
        purpose.CopyTo(message);
        key.CopyTo(message[16..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(message, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
