// snippet: own-extractor
using System.Text;
using P2P.YouSearch;
// end of snippet

namespace Architecture.Tests.Snippets.Cookbook;

// snippet: own-extractor
/// <summary>Finds what is said in films: reads subtitles without their times.</summary>
public sealed class SubtitleReader : ITextExtractor
{
    public bool Reads(string fileName) => fileName.EndsWith(".sub", StringComparison.OrdinalIgnoreCase);

    public async ValueTask<ExtractedText> ExtractAsync(Stream content, string fileName, ExtractionLimits limits, CancellationToken cancellationToken = default)
    {
        if (content.Length > limits.LengthMax)
        {
            throw new InvalidDataException($"'{fileName}' has {content.Length} bytes.");
        }

        using var reader = new StreamReader(content, leaveOpen: true);
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            // {1025}{1110}What is said, in MicroDVD's form.
            text.AppendLine(line[(line.LastIndexOf('}') + 1)..]);
            if (text.Length > limits.TextLengthMax)
            {
                return new ExtractedText("sub", null, text.ToString(0, limits.TextLengthMax), IsCut: true);
            }
        }

        return new ExtractedText("sub", null, text.ToString());
    }
}
// end of snippet
