using P2P.YouServ;

namespace P2P.YouSearch.Index;

/// <summary>Says of what type a document is, as <c>type:</c> names it: extractors may be anybody's, and a type is one short word, or none.</summary>
internal static class DocumentType
{
    private const int LengthMax = 32;

    /// <summary>What an extractor calls it; what nobody has read is of the type that its name says.</summary>
    public static string Of(SitePath path, ExtractedText? text) => text is null ? Of(path) : Fixed(text.Type);

    /// <summary>What the name says.</summary>
    public static string Of(SitePath path) => path.Name.LastIndexOf('.') is var dot and > 0 ? Fixed(path.Name[(dot + 1)..]) : "";

    private static string Fixed(string type) => type.Length <= LengthMax && type.All(char.IsAsciiLetterOrDigit) ? type.ToLowerInvariant() : "";
}
