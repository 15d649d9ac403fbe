namespace YouSearch.Tests.Sites;

internal sealed class TempReader : P2P.YouSearch.ITextExtractor
{
    public bool Reads(string fileName) => true;
    public async ValueTask<P2P.YouSearch.ExtractedText> ExtractAsync(Stream content, string fileName, P2P.YouSearch.ExtractionLimits limits, CancellationToken cancellationToken = default)
        => new(Path.GetExtension(fileName).TrimStart('.'), null, await new StreamReader(content).ReadToEndAsync(cancellationToken));
}
