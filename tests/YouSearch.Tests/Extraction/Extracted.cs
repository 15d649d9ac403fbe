using System.Text;
using P2P.YouSearch;
using P2P.YouSearch.Extraction;

namespace YouSearch.Tests.Extraction;

/// <summary>Reads documents as a peer does: the first of the extractors that knows the name is asked.</summary>
internal static class Extracted
{
    public static async Task<ExtractedText> FromAsync(Stream content, string name, ExtractionLimits? limits = null, CancellationToken cancellationToken = default) =>
        await TextExtractors.Default.First(extractor => extractor.Reads(name)).ExtractAsync(content, name, limits ?? new ExtractionLimits(), cancellationToken);

    public static async Task<ExtractedText> FromAsync(byte[] content, string name, ExtractionLimits? limits = null)
    {
        using var stream = new MemoryStream(content);
        return await FromAsync(stream, name, limits);
    }

    public static Task<ExtractedText> FromAsync(string content, string name, ExtractionLimits? limits = null) => FromAsync(Encoding.UTF8.GetBytes(content), name, limits);

    /// <summary>Asserts that a document is refused, and in no other way.</summary>
    public static Task RefusedAsync(byte[] content, string name, ExtractionLimits? limits = null) => Assert.ThrowsAsync<InvalidDataException>(() => FromAsync(content, name, limits));
}
