using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>What documents point at is there: pages, their headings, files and folders of the code.</summary>
public sealed partial class DocumentTests
{
    /// <summary>The parts of the house whose files are named from inside: <c>Protocol/Routing/Router</c> is a file or a folder of one of them.</summary>
    private static readonly string[] Houses = [.. Repository.Packages().Select(package => $"src/{package}/")];

    public static TheoryData<string> Documents =>
    [
        "README.md", "CONTRIBUTING.md", "CHANGELOG.md",
        .. Repository.Files("docs", "*.md"), .. Repository.Files("src", "*.md"), .. Repository.Files("samples", "*.md"),
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_lead_somewhere(string document)
    {
        var text = CodeBlock().Replace(Repository.Read(document), "");
        Assert.Empty(
            from match in Link().Matches(text)
            let target = match.Groups[1].Value
            where !target.Contains("://", StringComparison.Ordinal) && !Exists(document, target)
            select target);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Places_in_the_code_that_are_named_are_there(string document)
    {
        var files = KnownFiles.Value;
        Assert.Empty(
            from match in Place().Matches(CodeBlock().Replace(Repository.Read(document), ""))
            let place = match.Groups[1].Value.TrimEnd('/')
            where !files.Contains(place)
            select place);
    }

    [Fact]
    public void Each_decision_stands_in_the_index_by_its_title()
    {
        var index = Repository.Read("docs/decisions/README.md");
        Assert.All(
            Repository.Files("docs/decisions", "0*.md"),
            file => Assert.Contains($"* [{Repository.Read(file).Split('\n')[0][2..]}]({Path.GetFileName(file)})\n", index, StringComparison.Ordinal));
    }

    private static readonly Lazy<HashSet<string>> KnownFiles = new(() => [.. AllFiles().SelectMany(NamesOf)]);

    private static IEnumerable<string> AllFiles() =>
        from folder in (string[])["src", "tests", "samples", "docs"]
        from file in Repository.Files(folder, "*")
        where !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)
        select file;

    /// <summary>A file and its folders as documents name them: from the root or from inside a package, with the extension of code or without.</summary>
    private static IEnumerable<string> NamesOf(string file)
    {
        for (var path = file; path.Length > 0; path = path[..Math.Max(0, path.LastIndexOf('/'))])
        {
            foreach (var name in (string[])[path, .. Houses.Where(house => path.StartsWith(house, StringComparison.Ordinal)).Select(house => path[house.Length..])])
            {
                yield return name;
                if (name.EndsWith(".cs", StringComparison.Ordinal))
                {
                    yield return name[..^3];
                }
            }
        }
    }

    private static bool Exists(string document, string target)
    {
        var parts = target.Split('#');
        var path = parts[0].Length == 0 ? document : Path.GetRelativePath(".", Path.Combine(Path.GetDirectoryName(document)!, parts[0])).Replace('\\', '/');
        var full = Repository.PathTo(path);
        return parts.Length == 1 ? File.Exists(full) || Directory.Exists(full) : File.Exists(full) && HeadingsOf(path).Contains(parts[1]);
    }

    /// <summary>The names by which a page's headings are linked to: in lower case, hyphens for spaces, nothing else but letters and digits.</summary>
    private static IEnumerable<string> HeadingsOf(string document) =>
        from match in Heading().Matches(CodeBlock().Replace(Repository.Read(document), ""))
        select string.Concat(match.Groups[1].Value.Trim().ToLowerInvariant().Where(sign => char.IsLetterOrDigit(sign) || sign is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"(?:\]\(|src(?:set)?="")([^)""\s]+)[)""]")]
    private static partial Regex Link();

    [GeneratedRegex(@"`((?:(?:src|tests|samples|docs)/[\w./-]+|(?:Protocol|Hosting|Wire|Transport|Storage|Simulation|Identity|Http|Dns|Index|Extraction|Certificates|Authentication|Pages)/[\w./-]*))`")]
    private static partial Regex Place();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
