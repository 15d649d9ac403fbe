using System.Text;
using AngleSharp.Html;
using AngleSharp.Html.Parser;
using AngleSharp.Text;

namespace P2P.YouSearch.Extraction;

/// <summary>
/// Reads HTML: what a browser shows of it, and its title. It takes AngleSharp's tokens and builds no tree: a tree of a million levels takes a stack or a long time of whoever walks it, and text needs none.
/// </summary>
internal sealed class HtmlExtractor : DocumentExtractor
{
    /// <summary>How many bytes of markup there may be for a character of text.</summary>
    private const int MarkupPerCharacterMax = 8;

    /// <summary>Within how many bytes a document says what its encoding is.</summary>
    private const int EncodingLength = 1024;

    public override bool Reads(string fileName) => ExtensionOf(fileName) is "html" or "htm" or "xhtml" or "shtml";

    /// <summary>Reads the text of HTML.</summary>
    internal static (string? Title, TextCollector Text) Read(string source, ExtractionLimits limits, CancellationToken cancellationToken)
    {
        using var text = new TextSource(source);
        var tokens = new HtmlTokenizer(text, HtmlEntityProvider.Resolver) { SkipComments = true, ShouldEmitAttribute = static (ref _, _) => false };
        var reading = new HtmlReading(limits);
        for (var token = tokens.Get(); token.Type != HtmlTokenType.EndOfFile && !reading.Text.IsCut; token = tokens.Get())
        {
            cancellationToken.ThrowIfCancellationRequested();
            tokens.State = reading.Take(token) ?? tokens.State;
        }

        return (TextCollector.TitleOf(reading.Title), reading.Text);
    }

    protected override async Task<ExtractedText> ReadAsync(Stream content, string fileName, ExtractionLimits limits, CancellationToken cancellationToken)
    {
        CheckLength(content, limits);
        var (bytes, isCut) = await TextBytes.ReadAsync(content, Math.Min(limits.LengthMax, (long)limits.TextLengthMax * MarkupPerCharacterMax), cancellationToken).ConfigureAwait(false);
        var (title, text) = Read(TextBytes.Decode(bytes.Span, isCut, DeclaredEncoding(bytes.Span)), limits, cancellationToken);
        return new ExtractedText("html", title, text.Finish(), isCut || text.IsCut);
    }

    /// <summary>Reads which encoding a document declares, as far as it is one of a byte a letter; whether it is UTF-8 its bytes tell better.</summary>
    private static Encoding? DeclaredEncoding(ReadOnlySpan<byte> bytes)
    {
        var head = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, EncodingLength)]);
        var place = head.IndexOf("charset=", StringComparison.OrdinalIgnoreCase);
        if (place < 0)
        {
            return null;
        }

        var name = head.AsSpan(place + "charset=".Length).TrimStart("\"' ");
        var end = name.IndexOfAny("\"'>; ");
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name[..Math.Max(0, end)].ToString());
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
