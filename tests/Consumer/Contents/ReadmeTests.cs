using System.Text.RegularExpressions;

namespace Consumer.Contents;

/// <summary>What people read of a package where they find it: away from the repository, so that nothing in it may lead to a file there.</summary>
public sealed partial class ReadmeTests
{
    public static TheoryData<string> Packages => [.. Promises.Packages];

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_readme_says_how_to_install_the_package_and_shows_it_at_work(string id)
    {
        var readme = PackageFile.Package(id).Text("README.md");
        Assert.StartsWith($"# {id}\n", readme, StringComparison.Ordinal);
        Assert.Contains($"    dotnet add package {id}\n", readme, StringComparison.Ordinal);
        Assert.Contains(Example().Matches(readme), example => example.Value.Split('\n').Length > 3);
    }

    /// <summary>What tests/NativeSmoke holds the packages to.</summary>
    [Theory]
    [MemberData(nameof(Packages))]
    public void A_readme_promises_native_compilation(string id) => Assert.Contains("it for trimming and native compilation", PackageFile.Package(id).Text("README.md"), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_readme_leads_to_no_file_beside_it(string id) => Assert.Empty(LinkToFile().Matches(PackageFile.Package(id).Text("README.md")));

    [Theory]
    [MemberData(nameof(Packages))]
    public void The_changelog_that_is_packed_knows_the_version(string id) =>
        Assert.Contains(PackageFile.Version, PackageFile.Package(id).Text("CHANGELOG.md"), StringComparison.Ordinal);

    [GeneratedRegex("^```csharp\n.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"\]\((?!https?://|#)[^)]*\)")]
    private static partial Regex LinkToFile();
}
