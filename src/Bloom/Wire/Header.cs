using System.Buffers.Binary;
using P2P.Bloom.Hashing;

namespace P2P.Bloom.Wire;

/// <summary>Writes and reads what all encodings begin and end with. docs/protocols/bloom.md shows every byte.</summary>
internal static class Header
{
    public const int Length = 24;
    public const int ChecksumLength = 8;
    public const int LengthMin = Length + ChecksumLength;
    public const byte Version = 1;

    private const byte Magic0 = (byte)'B';
    private const byte Magic1 = (byte)'F';
    private const byte DeltaFlag = 0x80;

    public static void Write(in FilterShape shape, BodyCoding coding, bool isDelta, Span<byte> destination)
    {
        destination[0] = Magic0;
        destination[1] = Magic1;
        destination[2] = Version;
        destination[3] = (byte)((byte)shape.Kind | (isDelta ? DeltaFlag : 0));
        destination[4] = (byte)shape.Algorithm;
        destination[5] = (byte)shape.HashCount;
        destination[6] = (byte)shape.Vector;
        destination[7] = (byte)coding;
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], shape.Fingerprint);
        BinaryPrimitives.WriteInt64LittleEndian(destination[16..], shape.Bits);
    }

    /// <summary>Ends an encoding with the checksum over all before it.</summary>
    public static void WriteChecksum(Span<byte> encoding) =>
        BinaryPrimitives.WriteUInt64LittleEndian(encoding[^ChecksumLength..], Xxh64.Hash(encoding[..^ChecksumLength], seed: 0));

    /// <summary>Reads a header and verifies the checksum; gives what is wrong, or null.</summary>
    public static string? TryRead(ReadOnlySpan<byte> bytes, out FilterShape shape, out BodyCoding coding, out bool isDelta)
    {
        (shape, coding, isDelta) = (default, default, false);
        if (bytes.Length < LengthMin || bytes[0] != Magic0 || bytes[1] != Magic1)
        {
            return "These bytes are no filter.";
        }

        if (bytes[2] != Version)
        {
            return $"The filter has format version {bytes[2]}; this library reads version {Version}.";
        }

        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[^ChecksumLength..]) != Xxh64.Hash(bytes[..^ChecksumLength], seed: 0))
        {
            return "The checksum is wrong: the filter was damaged or cut off.";
        }

        isDelta = (bytes[3] & DeltaFlag) != 0;
        coding = (BodyCoding)bytes[7];
        shape = new FilterShape(
            (FilterKind)(bytes[3] & ~DeltaFlag),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            bytes[5],
            bytes[6],
            (BloomHashAlgorithm)bytes[4],
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
        return shape.Kind is < FilterKind.Classic or > FilterKind.Scalable
            || shape.Algorithm is not (BloomHashAlgorithm.Xxh64 or BloomHashAlgorithm.SipHash128 or BloomHashAlgorithm.Md5 or BloomHashAlgorithm.Custom)
            || coding is not (BodyCoding.Raw or BodyCoding.Gaps)
            ? "The header names a kind, a hash or a coding that there is not."
            : shape.FindFault();
    }

    /// <summary>Gives the body: what lies between header and checksum.</summary>
    public static ReadOnlySpan<byte> BodyOf(ReadOnlySpan<byte> bytes) => bytes[Length..^ChecksumLength];
}
