using System.Globalization;

namespace P2P.YouServ.Protocol;

/// <summary>Reads which parts of a file a request asks for (RFC 9110 §14.1.2).</summary>
internal static class ByteRanges
{
    /// <summary>How many parts one answer has. Who asks for more gets the file whole, as §14.2 allows: many small parts cost more than they save.</summary>
    public const int CountMax = 16;

    private const string Unit = "bytes=";

    /// <summary>Reads the value of a Range header.</summary>
    /// <param name="header">The value.</param>
    /// <param name="length">How long the file is.</param>
    /// <returns>
    /// The parts in the order asked for; none if no part lies in the file (status 416); null if the header is to be passed over: not of bytes, malformed, too many parts,
    /// or parts that together are longer than the file.
    /// </returns>
    public static ByteRange[]? Parse(string header, long length)
    {
        if (!header.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var ranges = new List<ByteRange>();
        var (count, sum) = (0, 0L);
        var text = header.AsSpan(Unit.Length);
        foreach (var part in text.Split(','))
        {
            var spec = text[part].Trim(" \t");
            if (spec.IsEmpty)
            {
                continue;
            }

            if (++count > CountMax || !TryParse(spec, length, out var range))
            {
                return null;
            }

            if (range is { } satisfiable)
            {
                ranges.Add(satisfiable);
                sum += satisfiable.Length;
            }
        }

        return count == 0 || (ranges.Count > 1 && sum > length) ? null : [.. ranges];
    }

    private static bool TryParse(ReadOnlySpan<char> spec, long length, out ByteRange? range)
    {
        range = null;
        var dash = spec.IndexOf('-');
        if (dash < 0)
        {
            return false;
        }

        var from = spec[..dash];
        var to = spec[(dash + 1)..];
        if (from.IsEmpty)
        {
            if (!TryNumber(to, out var suffix))
            {
                return false;
            }

            var kept = Math.Min(suffix, length);
            range = kept > 0 ? new(length - kept, kept) : null;
            return true;
        }

        var last = long.MaxValue;
        if (!TryNumber(from, out var first) || (!to.IsEmpty && !TryNumber(to, out last)) || last < first)
        {
            return false;
        }

        range = first < length ? new(first, Math.Min(last, length - 1) - first + 1) : null;
        return true;
    }

    /// <summary>Numbers too large for any file are as good as the largest.</summary>
    private static bool TryNumber(ReadOnlySpan<char> text, out long number)
    {
        number = 0;
        if (text.IsEmpty || text.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            number = long.MaxValue;
        }

        return true;
    }
}
