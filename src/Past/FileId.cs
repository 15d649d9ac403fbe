using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>
/// Names a file: 160 bits, SHA-1 over the hash of the file's textual name, its owner's public key and a salt (PAST §2). A file is written
/// once; a new version of it has another salt, hence another id.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = sizeof(uint))]
public readonly record struct FileId : IComparable<FileId>, ISpanFormattable, ISpanParsable<FileId>
{
    /// <summary>The length of an identifier in bytes, most significant byte first.</summary>
    public const int ByteLength = 20;

    // Not one UInt128 and a rest: its alignment of 16 would make every id 32 bytes long instead of 20, and indexes hold a great many.
    private readonly ulong _high;
    private readonly ulong _middle;
    private readonly uint _low;

    private FileId(ulong high, ulong middle, uint low)
    {
        _high = high;
        _middle = middle;
        _low = low;
    }

    /// <summary>
    /// Gives the place on the ring: the 128 most significant bits. The k live nodes closest to it hold the file (PAST §2).
    /// </summary>
    public NodeId RoutingKey => new(new UInt128(_high, _middle));

    /// <summary>Derives the id of a file from its textual name; see <see cref="Compute(Hash256, PublicKey, ReadOnlySpan{byte})"/>.</summary>
    /// <remarks>The name is taken as it is, without Unicode normalisation.</remarks>
    /// <param name="name">The file's textual name; any text, also an empty one.</param>
    /// <param name="owner">The key that signs the file's certificate.</param>
    /// <param name="salt">Any bytes; a random salt spreads the files of one name over the ring.</param>
    /// <exception cref="ArgumentException">The name is no valid UTF-16: it holds half of a surrogate pair.</exception>
    public static FileId Compute(string name, PublicKey owner, ReadOnlySpan<byte> salt) => Compute(HashName(name), owner, salt);

    /// <summary>
    /// Derives the id of a file: SHA-1 over the name's hash, the owner's SubjectPublicKeyInfo and the salt, one after the other.
    /// </summary>
    /// <remarks>
    /// The name goes in as its hash, which stands in the certificate: so everyone can tell that an id is its owner's, and nobody learns the
    /// name. The hash and the key have fixed lengths, so no two inputs run into one another.
    /// </remarks>
    /// <param name="nameHash">The hash of the name, as <see cref="FileCertificate.NameHash"/> gives it.</param>
    /// <param name="owner">The key that signs the file's certificate.</param>
    /// <param name="salt">Any bytes.</param>
    public static FileId Compute(Hash256 nameHash, PublicKey owner, ReadOnlySpan<byte> salt)
    {
        ArgumentNullException.ThrowIfNull(owner);
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        Span<byte> name = stackalloc byte[Hash256.ByteLength];
        nameHash.WriteBytes(name);
        sha.AppendData(name);
        sha.AppendData(owner.Encoded.AsSpan());
        sha.AppendData(salt);
        Span<byte> hash = stackalloc byte[ByteLength];
        sha.GetHashAndReset(hash);
        return FromBytes(hash);
    }

    /// <summary>Hashes a textual name: SHA-256 over its UTF-8.</summary>
    internal static Hash256 HashName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        try
        {
            return Hash256.Compute(StrictUtf8.GetBytes(name));
        }
        catch (EncoderFallbackException exception)
        {
            throw new ArgumentException("The name is no valid UTF-16: it holds half of a surrogate pair.", nameof(name), exception);
        }
    }

    /// <summary>Reads an identifier from 20 bytes, most significant first.</summary>
    /// <exception cref="ArgumentException">The span is not exactly 20 bytes long.</exception>
    public static FileId FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length == ByteLength
            ? new FileId(
                BinaryPrimitives.ReadUInt64BigEndian(bytes),
                BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
                BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]))
            : throw new ArgumentException($"A file id is {ByteLength} bytes long, not {bytes.Length}.", nameof(bytes));

    /// <summary>Gives the smallest id with a routing key, at which an ordered enumeration from that key starts.</summary>
    internal static FileId FirstOf(NodeId key) => new((ulong)(key.Value >> 64), (ulong)key.Value, 0);

    /// <summary>Gives the largest id with a routing key.</summary>
    internal static FileId LastOf(NodeId key) => new((ulong)(key.Value >> 64), (ulong)key.Value, uint.MaxValue);

    /// <summary>Writes the identifier as 20 bytes, most significant first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The span is shorter than 20 bytes.</exception>
    public void WriteBytes(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], _low);
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _middle);
    }

    /// <inheritdoc/>
    public int CompareTo(FileId other) =>
        _high != other._high ? _high.CompareTo(other._high)
        : _middle != other._middle ? _middle.CompareTo(other._middle)
        : _low.CompareTo(other._low);

    /// <summary>Shows the identifier as 40 hexadecimal digits.</summary>
    public override string ToString() => ToString(null, null);

    /// <summary>Shows the identifier as 40 hexadecimal digits, or with format "s" as its first eight.</summary>
    public string ToString(string? format, IFormatProvider? formatProvider)
    {
        Span<char> text = stackalloc char[ByteLength * 2];
        TryFormat(text, out var length, format, formatProvider);
        return new string(text[..length]);
    }

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        Span<byte> bytes = stackalloc byte[ByteLength];
        WriteBytes(bytes);
        return Convert.TryToHexStringLower(format is "s" or "S" ? bytes[..4] : bytes, destination, out charsWritten);
    }

    /// <summary>Reads an identifier from exactly 40 hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text is anything else.</exception>
    public static FileId Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException($"'{s}' is not a file id: 40 hexadecimal digits are expected.");

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    public static FileId Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out FileId result)
    {
        Span<byte> bytes = stackalloc byte[ByteLength];
        var valid = s.Length == ByteLength * 2 && Convert.FromHexString(s, bytes, out _, out _) == OperationStatus.Done;
        result = valid ? FromBytes(bytes) : default;
        return valid;
    }

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out FileId result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <summary>Orders identifiers as numbers, from zero.</summary>
    public static bool operator <(FileId left, FileId right) => left.CompareTo(right) < 0;

    /// <summary>Orders identifiers as numbers, from zero.</summary>
    public static bool operator >(FileId left, FileId right) => left.CompareTo(right) > 0;

    /// <summary>Orders identifiers as numbers, from zero.</summary>
    public static bool operator <=(FileId left, FileId right) => left.CompareTo(right) <= 0;

    /// <summary>Orders identifiers as numbers, from zero.</summary>
    public static bool operator >=(FileId left, FileId right) => left.CompareTo(right) >= 0;

    // Two names that differ only in broken characters must not silently become one file.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
