namespace P2P.YouServ.Dns;

/// <summary>Walks over names in messages (RFC 1035 §4.1.4).</summary>
internal static class WireName
{
    /// <summary>Passes over a name, which may end with a pointer.</summary>
    /// <returns>Whether one was there.</returns>
    public static bool TrySkip(ReadOnlySpan<byte> message, ref int at)
    {
        while (at < message.Length)
        {
            var label = message[at];
            if (label > DnsFormat.LabelLengthMax)
            {
                at += 2;
                return label >= DnsFormat.PointerMark >> 8 && at <= message.Length;
            }

            at += 1 + label;
            if (label == 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads a name, and passes over it.</summary>
    /// <returns>The name in lower case, with its pointers resolved; null where there is none.</returns>
    public static byte[]? Read(ReadOnlySpan<byte> message, ref int at)
    {
        var name = new byte[DnsFormat.NameLengthMax];
        var (length, from) = (0, at);
        if (!TrySkip(message, ref at))
        {
            return null;
        }

        while (from < message.Length)
        {
            var label = message[from];
            if (label > DnsFormat.LabelLengthMax)
            {
                // Pointers lead to what was written before, so that there is an end (RFC 1035 §4.1.4).
                var target = from + 1 < message.Length ? ((label << 8) | message[from + 1]) & ~DnsFormat.PointerMark : from;
                if (label < DnsFormat.PointerMark >> 8 || target >= from)
                {
                    return null;
                }

                from = target;
            }
            else if (length + 1 + label > name.Length || from + 1 + label > message.Length)
            {
                return null;
            }
            else
            {
                message.Slice(from, 1 + label).CopyTo(name.AsSpan(length));
                length += 1 + label;
                from += 1 + label;
                if (label == 0)
                {
                    return ToLower(name[..length]);
                }
            }
        }

        return null;
    }

    /// <summary>Tells whether a name is another one or lies below it. Both are well formed, uncompressed and in lower case.</summary>
    public static bool IsWithin(ReadOnlySpan<byte> name, ReadOnlySpan<byte> ancestor)
    {
        var start = name.Length - ancestor.Length;
        if (start < 0 || !name[start..].SequenceEqual(ancestor))
        {
            return false;
        }

        // The bytes of the ancestor may also be the end of a label.
        var at = 0;
        while (at < start)
        {
            at += 1 + name[at];
        }

        return at == start;
    }

    /// <summary>Gives a name without its first label.</summary>
    public static ReadOnlySpan<byte> Parent(ReadOnlySpan<byte> name) => name[(1 + name[0])..];

    /// <summary>Lengths of labels are below the letters.</summary>
    private static byte[] ToLower(byte[] name)
    {
        foreach (ref var letter in name.AsSpan())
        {
            letter = letter is >= (byte)'A' and <= (byte)'Z' ? (byte)(letter | 0x20) : letter;
        }

        return name;
    }
}
