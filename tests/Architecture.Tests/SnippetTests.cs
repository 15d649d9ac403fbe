using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>
/// Examples in the documents compile: each stands, letter by letter, between markers in a file of Snippets or of a sample. Parts of the same name are joined
/// by an empty line, so that using directives and statements can stand where the compiler wants them.
/// </summary>
public sealed partial class SnippetTests
{
    public static TheoryData<string> Documents => [.. DocumentsWithExamples()];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Examples_of_a_document_are_compiled_code(string document)
    {
        var snippets = Snippets();
        Assert.All(BlocksOf(document), block => Assert.Contains(block, snippets.Values));
    }

    [Fact]
    public void Each_snippet_stands_in_a_document()
    {
        string[] blocks = [.. DocumentsWithExamples().SelectMany(BlocksOf)];
        Assert.All(Snippets(), snippet => Assert.Contains(snippet.Value, blocks));
    }

    private static IEnumerable<string> DocumentsWithExamples() =>
        ((string[])["README.md", "CONTRIBUTING.md", .. Repository.Files("docs", "*.md"), .. Repository.Files("src", "*.md"), .. Repository.Files("samples", "*.md")]).Where(file => BlocksOf(file).Count > 0);

    private static IReadOnlyList<string> BlocksOf(string document) =>
        [.. Block().Matches(Repository.Read(document)).Select(match => match.Groups[1].Value.TrimEnd())];

    private static Dictionary<string, string> Snippets() => (
        from folder in (string[])["tests/Architecture.Tests/Snippets", "samples"]
        from file in Repository.Files(folder, "*.cs")
        from match in Region().Matches(Repository.Read(file))
        group Outdented(match.Groups[2].Value) by match.Groups[1].Value)
        .ToDictionary(parts => parts.Key, parts => string.Join("\n\n", parts));

    private static string Outdented(string code)
    {
        var lines = code.TrimEnd().Split('\n');
        var indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > indent ? line[indent..] : ""));
    }

    [GeneratedRegex(@"^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^ *// snippet: ([\w-]+)\n(.*?)^ *// end of snippet", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Region();
}
