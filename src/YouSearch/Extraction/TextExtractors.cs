namespace P2P.YouSearch.Extraction;

/// <summary>Names the extractors of the box.</summary>
public static class TextExtractors
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ITextExtractor> Default { get; } = [];
}
