using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace P2P.Pastry;

/// <summary>
/// Names a place on the ring of 2¹²⁸ identifiers: a node's own, or a key that leads to the live node numerically closest to it
/// (Pastry §2).
/// </summary>
/// <param name="Value">The identifier as an unsigned number; the ring wraps from the largest value to zero.</param>
public readonly record struct NodeId(UInt128 Value) : IComparable<NodeId>, ISpanFormattable, ISpanParsable<NodeId>
{
    /// <summary>The length of an identifier in bits.</summary>
    public const int BitLength = 128;

    /// <summary>The length of an identifier in bytes, most significant byte first.</summary>
    public const int ByteLength = 16;

    /// <summary>Derives a node's identifier from its public key: the lower 128 bits of SHA-1 over the key (PAST §2.1).</summary>
    /// <param name="subjectPublicKeyInfo">The DER-encoded SubjectPublicKeyInfo of the node's key.</param>
    public static NodeId FromPublicKey(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(subjectPublicKeyInfo, hash);
        return FromBytes(hash[^ByteLength..]);
    }

    /// <summary>Derives a key from a text: the first 128 bits of SHA-256 over its UTF-8 form.</summary>
    /// <param name="text">Any text; equal texts give equal keys.</param>
    public static NodeId FromText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        return FromBytes(SHA256.HashData(bytes).AsSpan(0, ByteLength));
    }

    /// <summary>Reads an identifier from 16 bytes, most significant first.</summary>
    /// <exception cref="ArgumentException">The span is not exactly 16 bytes long.</exception>
    public static NodeId FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length == ByteLength
            ? new NodeId(BinaryPrimitives.ReadUInt128BigEndian(bytes))
            : throw new ArgumentException($"A node id is {ByteLength} bytes long, not {bytes.Length}.", nameof(bytes));

    /// <summary>Writes the identifier as 16 bytes, most significant first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The span is shorter than 16 bytes.</exception>
    public void WriteBytes(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Value);

    /// <summary>Gives the digit at <paramref name="row"/>, counted from the most significant, in base 2^<paramref name="bitsPerDigit"/>.</summary>
    /// <remarks>Where the base does not divide 128, the last digit has the bits that are left.</remarks>
    public int Digit(int row, int bitsPerDigit)
    {
        var shift = BitLength - bitsPerDigit * (row + 1);
        var mask = (1 << bitsPerDigit) - 1;
        return shift >= 0 ? (int)(Value >> shift) & mask : (int)Value & (mask >> -shift);
    }

    /// <summary>Counts the leading digits, in base 2^<paramref name="bitsPerDigit"/>, that both identifiers share.</summary>
    public int SharedDigits(NodeId other, int bitsPerDigit)
    {
        var difference = Value ^ other.Value;
        return difference == UInt128.Zero
            ? DigitCount(bitsPerDigit)
            : (int)UInt128.LeadingZeroCount(difference) / bitsPerDigit;
    }

    /// <summary>Counts the digits of an identifier in base 2^<paramref name="bitsPerDigit"/>.</summary>
    public static int DigitCount(int bitsPerDigit) => (BitLength + bitsPerDigit - 1) / bitsPerDigit;

    /// <summary>Measures the way from here to <paramref name="other"/> in the direction of growing identifiers.</summary>
    public UInt128 ClockwiseTo(NodeId other) => unchecked(other.Value - Value);

    /// <summary>Measures the shorter way around the ring between the two identifiers.</summary>
    public UInt128 DistanceTo(NodeId other)
    {
        var clockwise = ClockwiseTo(other);
        var counterclockwise = other.ClockwiseTo(this);
        return clockwise < counterclockwise ? clockwise : counterclockwise;
    }

    /// <summary>
    /// Tells whether this identifier is numerically closer to <paramref name="key"/> than <paramref name="other"/> is. Of two at the
    /// same distance, the one clockwise of the key is closer, so that any set of nodes has exactly one closest.
    /// </summary>
    public bool IsCloserTo(NodeId key, NodeId other)
    {
        var mine = DistanceTo(key);
        var theirs = other.DistanceTo(key);
        return mine != theirs ? mine < theirs : Value != other.Value && key.ClockwiseTo(this) == mine;
    }

    /// <inheritdoc/>
    public int CompareTo(NodeId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine((ulong)Value, (ulong)(Value >> 64));

    /// <summary>Shows the identifier as 32 hexadecimal digits.</summary>
    public override string ToString() => ToString(null, null);

    /// <summary>Shows the identifier as 32 hexadecimal digits, or with format "s" as its first eight.</summary>
    public string ToString(string? format, IFormatProvider? formatProvider) =>
        format is "s" or "S"
            ? ((uint)(Value >> 96)).ToString("x8", CultureInfo.InvariantCulture)
            : Value.ToString("x32", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        format is "s" or "S"
            ? ((uint)(Value >> 96)).TryFormat(destination, out charsWritten, "x8", CultureInfo.InvariantCulture)
            : Value.TryFormat(destination, out charsWritten, "x32", CultureInfo.InvariantCulture);

    /// <summary>Reads an identifier from exactly 32 hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text is anything else.</exception>
    public static NodeId Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException($"'{s}' is not a node id: 32 hexadecimal digits are expected.");

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    public static NodeId Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out NodeId result)
    {
        result = default;
        if (s.Length != ByteLength * 2 || !UInt128.TryParse(s, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        result = new NodeId(value);
        return true;
    }

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out NodeId result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <summary>Orders identifiers as numbers, from zero.</summary>
    public static bool operator <(NodeId left, NodeId right) => left.Value < right.Value;

    /// <summary>Orders identifiers as numbers, from zero.</summary>
    public static bool operator >(NodeId left, NodeId right) => left.Value > right.Value;

    /// <summary>Orders identifiers as numbers, from zero.</summary>
    public static bool operator <=(NodeId left, NodeId right) => left.Value <= right.Value;

    /// <summary>Orders identifiers as numbers, from zero.</summary>
    public static bool operator >=(NodeId left, NodeId right) => left.Value >= right.Value;
}
