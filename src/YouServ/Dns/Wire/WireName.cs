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
}
