using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace P2P.Past;

/// <summary>Holds a SHA-256 hash: of a node in a <see cref="ContentTree"/>, or of a certificate.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Hash256
{
    /// <summary>The length of a hash in bytes.</summary>
    public const int ByteLength = SHA256.HashSizeInBytes;

    // In the order of the hash's bytes in memory on any machine, so that a span of hashes is a span of bytes.
    private readonly ulong _first;
    private readonly ulong _second;
    private readonly ulong _third;
    private readonly ulong _fourth;

    private Hash256(ReadOnlySpan<byte> bytes)
    {
        _first = MemoryMarshal.Read<ulong>(bytes);
        _second = MemoryMarshal.Read<ulong>(bytes[8..]);
        _third = MemoryMarshal.Read<ulong>(bytes[16..]);
        _fourth = MemoryMarshal.Read<ulong>(bytes[24..]);
    }

    /// <summary>Takes a hash as its 32 bytes.</summary>
    /// <exception cref="ArgumentException">The span is not exactly 32 bytes long.</exception>
    public static Hash256 FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length == ByteLength
            ? new Hash256(bytes)
            : throw new ArgumentException($"A hash is {ByteLength} bytes long, not {bytes.Length}.", nameof(bytes));

    /// <summary>Computes the SHA-256 hash of bytes.</summary>
    public static Hash256 Compute(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[ByteLength];
        SHA256.HashData(data, hash);
        return new Hash256(hash);
    }

    /// <summary>Writes the hash as 32 bytes.</summary>
    /// <exception cref="ArgumentException">The span is shorter than 32 bytes.</exception>
    public void WriteBytes(Span<byte> destination) => MemoryMarshal.Write(destination, this);

    /// <inheritdoc/>
    public override int GetHashCode() => _first.GetHashCode();

    /// <summary>Shows the hash as 64 hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[ByteLength];
        WriteBytes(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
