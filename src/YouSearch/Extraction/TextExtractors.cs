namespace P2P.YouSearch.Extraction;

/// <summary>Lists the extractors that are in the box.</summary>
public static class TextExtractors
{
    /// <summary>
    /// Gives all of them, in the order in which they are asked: HTML, Markdown, Office Open XML (documents, workbooks, presentations), PDF where Poppler's <c>pdftotext</c> is installed, and plain text and
    /// source code by the names of files.
    /// </summary>
    public static IReadOnlyList<ITextExtractor> Default { get; } = [new HtmlExtractor(), new MarkdownExtractor(), new OfficeExtractor(), new PdfExtractor(PdfExtractor.FindProgram()), new PlainTextExtractor()];
}
