using System.Buffers;

namespace P2P.YouSearch.Extraction;

/// <summary>Reads Markdown: its words, without what marks them up or where links lead; its title is its first heading.</summary>
internal sealed class MarkdownExtractor : DocumentExtractor
{
    /// <summary>How far the end of a link or a tag is looked for. It bounds the work for what never ends.</summary>
    private const int LookAheadMax = 300;

    /// <summary>What lines under headings, between parts and in tables are made of.</summary>
    private static readonly SearchValues<char> Rules = SearchValues.Create("=-*_|: \t");

    public override bool Reads(string fileName) => ExtensionOf(fileName) is "md" or "markdown" or "mdown" or "mkd";

    protected override async Task<ExtractedText> ReadAsync(Stream content, string fileName, ExtractionLimits limits, CancellationToken cancellationToken)
    {
        var (bytes, isCut) = await TextBytes.ReadAsync(content, TextBytes.LengthMaxOf(limits), cancellationToken).ConfigureAwait(false);
        var (title, text) = Read(TextBytes.Decode(bytes.Span, isCut), limits, cancellationToken);
        return new ExtractedText("md", title, text.Finish(), isCut || text.IsCut);
    }

    private static (string? Title, TextCollector Text) Read(string source, ExtractionLimits limits, CancellationToken cancellationToken)
    {
        var text = new TextCollector(limits.TextLengthMax);
        string? title = null;
        var (isCode, previous) = (false, "");
        foreach (var raw in source.AsSpan().EnumerateLines())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var line = raw.TrimStart();
            if (line.StartsWith("```") || line.StartsWith("~~~"))
            {
                isCode = !isCode;
                continue;
            }

            if (isCode)
            {
                text.Append(raw);
                text.Break('\n');
                continue;
            }

            if (line.Length > 0 && line[0] is '=' or '-' or '*' or '_' or '|' && line.IndexOfAnyExcept(Rules) < 0)
            {
                // A line under a heading, or one that separates.
                title ??= line[0] == '=' || (line[0] == '-' && previous.Length > 0 && !isRule(line)) ? previous : null;
                continue;
            }

            var words = new TextCollector(limits.TextLengthMax);
            AppendLine(line.TrimStart("#>-+* \t"), words);
            previous = TextCollector.TitleOf(words.Finish()) ?? "";
            title ??= line[0..Math.Min(1, line.Length)] is "#" && previous.Length > 0 ? previous.TrimEnd('#', ' ') : null;
            text.Append(words.Finish());
            text.Break('\n');
        }

        return (title is "" ? null : title, text);

        static bool isRule(ReadOnlySpan<char> line) => line.Contains(' ');
    }

    private static void AppendLine(ReadOnlySpan<char> line, TextCollector text)
    {
        var start = 0;
        for (var i = 0; i < line.Length; i++)
        {
            var length = MarkupAt(line, i, out var isGap);
            if (length > 0)
            {
                text.Append(line[start..i]);
                if (isGap)
                {
                    text.Break(' ');
                }

                start = i + length;
                i = start - 1;
            }
        }

        text.Append(line[Math.Min(start, line.Length)..]);
    }

    /// <summary>Says how many characters of a line are markup.</summary>
    private static int MarkupAt(ReadOnlySpan<char> line, int position, out bool isGap)
    {
        isGap = line[position] is '|' or '<';
        switch (line[position])
        {
            case '*' or '`' or '[' or '|':
                return 1;
            case '!' when position + 1 < line.Length && line[position + 1] == '[':
                return 2;
            case '~' when position + 1 < line.Length && line[position + 1] == '~':
                return 2;
            case '_' when position == 0 || position + 1 == line.Length || !char.IsLetterOrDigit(line[position - 1]) || !char.IsLetterOrDigit(line[position + 1]):
                return 1;
            case ']':
                return 1 + (position + 1 < line.Length && line[position + 1] is '(' ? EndOf(line[(position + 1)..], ')') : 0);
            case '<' when position + 1 < line.Length && (char.IsAsciiLetter(line[position + 1]) || line[position + 1] is '/' or '!'):
                var length = EndOf(line[position..], '>');
                return length > 0 && line.Slice(position, length).ContainsAny(":@") && !line.Slice(position, length).Contains('"') ? 1 : length;
            case '>' when position > 0 && char.IsLetterOrDigit(line[position - 1]) && (position + 1 == line.Length || !char.IsLetterOrDigit(line[position + 1])):
                return 1;
            default:
                return 0;
        }
    }

    private static int EndOf(ReadOnlySpan<char> text, char end) => text[..Math.Min(text.Length, LookAheadMax)].IndexOf(end) + 1;
}
