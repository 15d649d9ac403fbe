using System.Buffers.Text;

namespace BackupTool.Chunks;

/// <summary>Names a chunk by its content: HMAC-SHA256 under a key of the repository, so that nobody else can tell what is in one from its name.</summary>
internal readonly record struct ChunkId : IComparable<ChunkId>
{
    public const int Length = 32;

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    public ChunkId(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Length);
        _high = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
        _low = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]);
    }

    public void Write(Span<byte> bytes)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, _high);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes[16..], _low);
    }

    /// <summary>Reads the form that <see cref="ToString"/> gives.</summary>
    /// <exception cref="FormatException">The text is no chunk's id.</exception>
    public static ChunkId Parse(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[Length + 3];
        return Base64Url.TryDecodeFromChars(text, bytes, out var length) && length == Length
            ? new ChunkId(bytes[..Length])
            : throw new FormatException($"'{text}' is no chunk's id.");
    }

    public int CompareTo(ChunkId other) => _high != other._high ? _high.CompareTo(other._high) : _low.CompareTo(other._low);

    public override int GetHashCode() => (int)_low;

    /// <summary>43 characters of base64url.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        Write(bytes);
        return Base64Url.EncodeToString(bytes);
    }
}
