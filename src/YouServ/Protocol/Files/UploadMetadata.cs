using System.Text;

namespace P2P.YouServ.Protocol;

/// <summary>Reads what a tus client says of an upload: keys with values in base 64, separated by commas.</summary>
internal static class UploadMetadata
{
    private const int CountMax = 32;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the value of Upload-Metadata; null if it is malformed. Values that are no text are malformed too.</summary>
    public static Dictionary<string, string>? Parse(string header)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var space = pair.IndexOf(' ', StringComparison.Ordinal);
            var (key, coded) = space < 0 ? (pair, "") : (pair[..space], pair[(space + 1)..]);
            if (values.Count == CountMax || TextOf(coded) is not { } text || !values.TryAdd(key, text))
            {
                return null;
            }
        }

        return values;
    }

    private static string? TextOf(string coded)
    {
        try
        {
            return Strict.GetString(Convert.FromBase64String(coded));
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }
}
