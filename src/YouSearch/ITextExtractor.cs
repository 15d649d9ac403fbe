namespace P2P.YouSearch;

/// <summary>
/// Reads the text out of documents of some kind. Documents are hostile: whatever they hold, an extractor returns in bounded time and memory, or throws
/// <see cref="InvalidDataException"/>. It serves any number of callers at the same time.
/// </summary>
public interface ITextExtractor
{
    /// <summary>Tells whether it reads files of a name. The first of a peer's extractors that does is asked, and no other.</summary>
    /// <param name="fileName">The file's name with its extension, without folders.</param>
    bool Reads(string fileName);

    /// <summary>Reads a document.</summary>
    /// <param name="content">The document, at its beginning. It can seek.</param>
    /// <param name="fileName">The file's name.</param>
    /// <param name="limits">How much may be read.</param>
    /// <param name="cancellationToken">Gives up, also when the time that the limits give is over.</param>
    /// <exception cref="InvalidDataException">The document is none of its kind, or is damaged.</exception>
    ValueTask<ExtractedText> ExtractAsync(Stream content, string fileName, ExtractionLimits limits, CancellationToken cancellationToken = default);
}
