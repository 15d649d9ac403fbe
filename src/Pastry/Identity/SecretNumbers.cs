using System.Buffers.Binary;
using System.Security.Cryptography;

namespace P2P.Pastry;

/// <summary>
/// Gives numbers that go out to others: who has seen some of them can't tell the next. They depend on the secret alone, so that a run of a simulation can be
/// repeated.
/// </summary>
internal sealed class SecretNumbers
{
    private readonly byte[] _secretAndCount = new byte[2 * sizeof(ulong)];
    private ulong _count;

    public SecretNumbers(ulong secret) => BinaryPrimitives.WriteUInt64LittleEndian(_secretAndCount, secret);

    public ulong Next()
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_secretAndCount.AsSpan(sizeof(ulong)), ++_count);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_secretAndCount, digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }
}
