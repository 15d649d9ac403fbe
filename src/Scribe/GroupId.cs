using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using P2P.Pastry;

namespace P2P.Scribe;

/// <summary>
/// Names a group: the first 128 bits of SHA-1 over its textual name and its creator's key (SCRIBE §3). It is the group's place on the ring: the
/// live node closest to it is the rendezvous point.
/// </summary>
/// <param name="Key">The place on the ring.</param>
public readonly record struct GroupId(NodeId Key) : IComparable<GroupId>, IFormattable, ISpanParsable<GroupId>
{
    /// <summary>The length of an identifier in bytes, most significant byte first.</summary>
    public const int ByteLength = NodeId.ByteLength;

    // Two names that differ only in broken characters must not silently become one group.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Derives the id of a group: SHA-1 over the name's UTF-8 and the creator's SubjectPublicKeyInfo, one after the other.</summary>
    /// <remarks>The name is taken as it is, without Unicode normalisation. The key has a fixed length, so no two inputs run into one another.</remarks>
    /// <param name="name">The group's textual name, at most <see cref="GroupCertificate.NameLengthMax"/> bytes of UTF-8.</param>
    /// <param name="creator">The key that signs the group's certificate.</param>
    /// <exception cref="ArgumentException">The name is too long, or no valid UTF-16.</exception>
    public static GroupId Compute(string name, PublicKey creator)
    {
        ArgumentNullException.ThrowIfNull(creator);
        var encoded = EncodeName(name);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        sha.AppendData(encoded);
        sha.AppendData(creator.Encoded.AsSpan());
        sha.GetHashAndReset(hash);
        return FromBytes(hash[..ByteLength]);
    }

    /// <summary>Reads an identifier from 16 bytes, most significant first.</summary>
    /// <exception cref="ArgumentException">The span is not exactly 16 bytes long.</exception>
    public static GroupId FromBytes(ReadOnlySpan<byte> bytes) => new(NodeId.FromBytes(bytes));

    /// <summary>Writes the identifier as 16 bytes, most significant first.</summary>
    /// <exception cref="ArgumentException">The span is shorter than 16 bytes.</exception>
    public void WriteBytes(Span<byte> destination) => Key.WriteBytes(destination);

    /// <inheritdoc/>
    public int CompareTo(GroupId other) => Key.Value.CompareTo(other.Key.Value);

    /// <summary>Shows the identifier as 32 hexadecimal digits.</summary>
    public override string ToString() => Key.ToString();

    /// <summary>Shows the identifier as 32 hexadecimal digits, or with format "s" as its first eight.</summary>
    public string ToString(string? format, IFormatProvider? formatProvider) => Key.ToString(format, formatProvider);

    /// <summary>Reads an identifier from exactly 32 hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text is anything else.</exception>
    public static GroupId Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException($"'{s}' is not a group id: 32 hexadecimal digits are expected.");

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    public static GroupId Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out GroupId result)
    {
        var valid = NodeId.TryParse(s, provider, out var key);
        result = new GroupId(key);
        return valid;
    }

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out GroupId result) => TryParse(s.AsSpan(), provider, out result);

    /// <summary>Orders identifiers as numbers, from zero.</summary>
    public static bool operator <(GroupId left, GroupId right) => left.CompareTo(right) < 0;

    /// <summary>Orders identifiers as numbers, from zero.</summary>
    public static bool operator >(GroupId left, GroupId right) => left.CompareTo(right) > 0;

    /// <summary>Orders identifiers as numbers, from zero.</summary>
    public static bool operator <=(GroupId left, GroupId right) => left.CompareTo(right) <= 0;

    /// <summary>Orders identifiers as numbers, from zero.</summary>
    public static bool operator >=(GroupId left, GroupId right) => left.CompareTo(right) >= 0;

    /// <summary>Encodes a name as the certificate carries it.</summary>
    /// <exception cref="ArgumentException">The name is too long, or no valid UTF-16.</exception>
    internal static byte[] EncodeName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var encoded = StrictUtf8.GetBytes(name);
        return encoded.Length <= GroupCertificate.NameLengthMax
            ? encoded
            : throw new ArgumentException($"A group's name has at most {GroupCertificate.NameLengthMax} bytes of UTF-8, not {encoded.Length}.", nameof(name));
    }

    /// <summary>Decodes a name that a certificate carries.</summary>
    /// <exception cref="ArgumentException">The bytes are no UTF-8.</exception>
    internal static string DecodeName(ReadOnlySpan<byte> encoded) => StrictUtf8.GetString(encoded);
}
