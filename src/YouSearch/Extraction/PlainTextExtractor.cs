namespace P2P.YouSearch.Extraction;

/// <summary>Reads plain text, by the names that it has: notes, data, configuration and source code.</summary>
internal sealed class PlainTextExtractor : DocumentExtractor
{
    private static readonly HashSet<string> Extensions = new(
        ("txt text log csv tsv json jsonl xml xsd xsl svg yml yaml toml ini cfg conf properties env tex bib rst adoc org srt vtt ics vcf eml diff patch sql graphql proto "
        + "c h cc cpp cxx hpp hh m mm cs fs fsx vb java kt kts scala groovy gradle go rs swift py pyi rb pl pm php lua r jl hs ml mli clj ex exs erl lisp el scm dart zig nim pas "
        + "js mjs cjs jsx ts tsx vue css scss sass less sh bash zsh fish ps1 psm1 bat cmd awk sed make mk cmake dockerfile tf nix csproj fsproj vbproj props targets sln razor cshtml asm s").Split(' '),
        StringComparer.Ordinal);

    /// <summary>What is text though its extension does not say so, such as <c>README</c> and <c>README.Debian</c>.</summary>
    private static readonly HashSet<string> Names = new(
        ["readme", "license", "licence", "copying", "copyright", "authors", "credits", "thanks", "maintainers", "changelog", "history", "news", "faq", "install", "contributing", "notice", "todo", "makefile", "dockerfile", "jenkinsfile", "rakefile", "gemfile", "procfile"], StringComparer.OrdinalIgnoreCase);

    public override bool Reads(string fileName) => Extensions.Contains(ExtensionOf(fileName)) || Names.Contains(fileName.Split('.')[0]);

    protected override async Task<ExtractedText> ReadAsync(Stream content, string fileName, ExtractionLimits limits, CancellationToken cancellationToken)
    {
        var (bytes, isCut) = await TextBytes.ReadAsync(content, TextBytes.LengthMaxOf(limits), cancellationToken).ConfigureAwait(false);
        var text = new TextCollector(limits.TextLengthMax);
        text.Append(TextBytes.Decode(bytes.Span, isCut));
        var type = ExtensionOf(fileName);
        return new ExtractedText(Extensions.Contains(type) ? type switch { "text" => "txt", "yaml" => "yml", _ => type } : "txt", null, text.Finish(), isCut || text.IsCut);
    }
}
