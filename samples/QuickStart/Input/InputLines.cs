using System.Text;

namespace QuickStart.Input;

/// <summary>Takes lines of a folder's texts, to have something to say; where there are too few, names of files and then numbers.</summary>
internal static class InputLines
{
    private const int LengthMax = 200;

    private const int BytesOfFileMax = 1 << 16;

    private const int LinesOfFileMax = 40;

    public static async Task<IReadOnlyList<string>> ReadAsync(InputFolder input, int count, CancellationToken cancellationToken)
    {
        var lines = new List<string>(count);
        foreach (var file in input.Files)
        {
            if (lines.Count >= count)
            {
                break;
            }

            lines.AddRange((await ReadAsync(file, cancellationToken)).Take(Math.Min(LinesOfFileMax, count - lines.Count)));
        }

        lines.AddRange(input.Files.Select(file => Cut(file.Name)).Take(count - lines.Count));
        lines.AddRange(Enumerable.Range(1, count - lines.Count).Select(number => $"This is message {number} of those that the folder has no text for."));
        return lines;
    }

    private static async Task<IEnumerable<string>> ReadAsync(InputFile file, CancellationToken cancellationToken)
    {
        var bytes = new byte[Math.Min(file.Length, BytesOfFileMax)];
        await using var content = file.Open();
        var length = await content.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return IsText(bytes.AsSpan(0, length))
            ? Encoding.UTF8.GetString(bytes, 0, length).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Cut)
            : [];
    }

    /// <summary>Files of other kinds have zeros, or bytes that are not UTF-8; what was cut off at the end of the bytes does not count.</summary>
    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(bytes, out var rune, out var length);
            if (rune.Value == 0 || (status != System.Buffers.OperationStatus.Done && bytes.Length > 3))
            {
                return false;
            }

            bytes = bytes[length..];
        }

        return true;
    }

    private static string Cut(string text) => text.Length <= LengthMax ? text : text[..(char.IsHighSurrogate(text[LengthMax - 1]) ? LengthMax - 1 : LengthMax)];
}
