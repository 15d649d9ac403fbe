namespace P2P.Bloom.Wire;

/// <summary>Writes a number in groups of seven bits, least significant first; the highest bit of a byte says that more follow.</summary>
internal static class Varint
{
    private const int LengthMax = 9;

    public static int LengthOf(ulong value)
    {
        var length = 1;
        for (; value >= 0x80; value >>= 7)
        {
            length++;
        }

        return length;
    }

    public static int Write(ulong value, Span<byte> destination)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            destination[length++] = (byte)(value | 0x80);
        }

        destination[length++] = (byte)value;
        return length;
    }

    /// <summary>Reads a number below 2⁶³ in its shortest form.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out ulong value, out int length)
    {
        value = 0;
        for (length = 0; length < Math.Min(source.Length, LengthMax);)
        {
            var group = source[length];
            value |= (ulong)(group & 0x7F) << (7 * length++);
            if (group < 0x80)
            {
                return group != 0 || length == 1;
            }
        }

        return false;
    }
}
