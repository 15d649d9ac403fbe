using System.Buffers.Binary;
using System.Security.Cryptography;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Is a SHA-256: of a host's public key, which the host is known by, or of a signed statement.</summary>
internal readonly record struct Fingerprint(UInt128 High, UInt128 Low) : IComparable<Fingerprint>
{
    public const int ByteLength = SHA256.HashSizeInBytes;

    /// <summary>The number by which the nodes of the host with this fingerprint are known to fail together.</summary>
    public ulong FailureDomain => (ulong)(High >> 64);

    public static Fingerprint Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[ByteLength];
        SHA256.HashData(bytes, hash);
        return FromBytes(hash);
    }

    /// <summary>Reads a fingerprint from its 32 bytes.</summary>
    public static Fingerprint FromBytes(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));

    public byte[] ToBytes()
    {
        var bytes = new byte[ByteLength];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(16), Low);
        return bytes;
    }

    public int CompareTo(Fingerprint other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    public override string ToString() => $"{(uint)(High >> 96):x8}";
}
