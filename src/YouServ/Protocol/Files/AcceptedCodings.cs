using System.Globalization;

namespace P2P.YouServ.Protocol;

/// <summary>Which codings a request accepts (RFC 9110 §12.5.3), with their weights.</summary>
internal readonly record struct AcceptedCodings(double Brotli, double Gzip, double Identity)
{
    private const int CountMax = 32;

    /// <summary>Reads the value of Accept-Encoding; of a longer list the first 32 count.</summary>
    public static AcceptedCodings Parse(string header)
    {
        double? brotli = null, gzip = null, identity = null, rest = null;
        var count = 0;
        foreach (var part in header.AsSpan().Split(','))
        {
            if (++count > CountMax)
            {
                break;
            }

            var item = header.AsSpan()[part];
            var semicolon = item.IndexOf(';');
            var name = (semicolon < 0 ? item : item[..semicolon]).Trim(" \t");
            var weight = semicolon < 0 ? 1 : WeightOf(item[(semicolon + 1)..]);
            if (name.Equals("br", StringComparison.OrdinalIgnoreCase))
            {
                brotli = weight;
            }
            else if (name.Equals("gzip", StringComparison.OrdinalIgnoreCase) || name.Equals("x-gzip", StringComparison.OrdinalIgnoreCase))
            {
                gzip = weight;
            }
            else if (name.Equals("identity", StringComparison.OrdinalIgnoreCase))
            {
                identity = weight;
            }
            else if (name is "*")
            {
                rest = weight;
            }
        }

        // Who does not mention identity does not prefer it.
        return new(brotli ?? rest ?? 0, gzip ?? rest ?? 0, identity ?? 0);
    }

    /// <summary>Picks the best of what there is; Brotli before gzip where both are as welcome. Identity is what remains, also for those who refuse it.</summary>
    public ContentCoding Best(bool hasBrotli, bool hasGzip)
    {
        var brotli = hasBrotli ? Brotli : 0;
        var gzip = hasGzip ? Gzip : 0;

        return brotli > 0 && brotli >= Math.Max(gzip, Identity) ? ContentCoding.Brotli
            : gzip > 0 && gzip >= Identity ? ContentCoding.Gzip
            : ContentCoding.Identity;
    }

    private static double WeightOf(ReadOnlySpan<char> parameters)
    {
        var text = parameters.Trim(" \t");
        return text.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
            && double.TryParse(text[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight)
                ? Math.Clamp(weight, 0, 1)
                : 1;
    }
}
