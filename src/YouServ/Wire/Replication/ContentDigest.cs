using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace P2P.YouServ.Wire;

/// <summary>SHA-256 of a block, of a file (that of its blocks' digests), or of a folder (that of what is in it).</summary>
internal readonly record struct ContentDigest(ulong First, ulong Second, ulong Third, ulong Fourth)
{
    /// <summary>Bytes.</summary>
    public const int Length = 32;

    /// <summary>Takes the digest of bytes.</summary>
    public static ContentDigest Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Length];
        SHA256.HashData(bytes, hash);
        return Read(hash);
    }

    /// <summary>Takes the digest of a file whose blocks have these digests, in their order.</summary>
    public static ContentDigest OfBlocks(ReadOnlySpan<ContentDigest> blocks)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[Length];
        foreach (var block in blocks)
        {
            block.WriteTo(bytes);
            hash.AppendData(bytes);
        }

        hash.GetHashAndReset(bytes);
        return Read(bytes);
    }

    /// <summary>Reads a digest.</summary>
    /// <param name="bytes">At least <see cref="Length"/>.</param>
    public static ContentDigest Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]));

    /// <summary>Reads what <see cref="ToString"/> has written.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ContentDigest digest)
    {
        Span<byte> bytes = stackalloc byte[Length];
        var isWhole = text is { Length: 2 * Length } && Convert.FromHexString(text, bytes, out _, out var written) == System.Buffers.OperationStatus.Done && written == Length;
        digest = isWhole ? Read(bytes) : default;
        return isWhole;
    }

    /// <summary>Writes the digest into <see cref="Length"/> bytes.</summary>
    public void WriteTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, First);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Second);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], Third);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], Fourth);
    }

    /// <summary>Hexadecimal, in small letters.</summary>
    public override string ToString() => $"{First:x16}{Second:x16}{Third:x16}{Fourth:x16}";
}
