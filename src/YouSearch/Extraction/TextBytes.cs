using System.Text;

namespace P2P.YouSearch.Extraction;

/// <summary>Reads bytes that are text in some encoding.</summary>
internal static class TextBytes
{
    /// <summary>How many bytes a character has at most, in any of the encodings.</summary>
    private const int BytesPerCharacterMax = 4;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // Latin-1 and Windows-1252 differ only where the one has controls that nobody writes.
    private static readonly Encoding Western = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    /// <summary>Reads the beginning of a text, of as many bytes as can be of use.</summary>
    /// <returns>The bytes, and whether there are more.</returns>
    public static async Task<(ReadOnlyMemory<byte> Bytes, bool IsCut)> ReadAsync(Stream content, long lengthMax, CancellationToken cancellationToken)
    {
        var bytes = new byte[Math.Min(lengthMax, Math.Max(0, content.Length - content.Position)) + 1];
        var length = await content.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return (bytes.AsMemory(0, (int)Math.Min(length, lengthMax)), length > lengthMax);
    }

    /// <summary>Says how many bytes may be of use for a text.</summary>
    public static long LengthMaxOf(ExtractionLimits limits) => Math.Min((long)limits.TextLengthMax * BytesPerCharacterMax, 1 << 30);

    /// <summary>Decodes text: by its byte order mark; else UTF-8 if it is; else Windows-1252.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="isCut">Whether the last character may be incomplete.</param>
    /// <param name="declared">What the document says of its encoding; null if nothing.</param>
    /// <exception cref="InvalidDataException">The bytes are no text.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes, bool isCut, Encoding? declared = null)
    {
        var (encoding, mark) = bytes switch
        {
            [0xEF, 0xBB, 0xBF, ..] => (Encoding.UTF8, 3),
            [0xFF, 0xFE, 0, 0, ..] => (Encoding.UTF32, 4),
            [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
            [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
            _ => ((Encoding?)null, 0),
        };
        if (encoding is not null)
        {
            return encoding.GetString(bytes[mark..]);
        }

        if (bytes.Contains((byte)0))
        {
            throw new InvalidDataException("This is no text: it has bytes that are zero.");
        }

        var whole = isCut ? bytes[..WholeLength(bytes)] : bytes;
        try
        {
            return StrictUtf8.GetString(whole);
        }
        catch (DecoderFallbackException)
        {
            return (declared ?? Western).GetString(bytes);
        }
    }

    /// <summary>Where the last character begins that is not all there.</summary>
    private static int WholeLength(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            if (bytes[^back] >= 0xC0)
            {
                return bytes.Length - back;
            }
        }

        return bytes.Length;
    }
}
