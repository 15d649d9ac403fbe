using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>What a package counts and measures, its operators can look up.</summary>
public sealed partial class InstrumentTests
{
    private static readonly string Page = Repository.Read("docs/observability.md");

    public static TheoryData<string> Packages => [.. Repository.Packages().Where(package => package != "Bloom")];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Each_instrument_stands_in_the_page_on_observability(string package)
    {
        string[] instruments =
        [
            .. from file in Repository.Files($"src/{package}", "*Metrics.cs")
               from match in Instrument().Matches(Repository.Read(file))
               select match.Groups[1].Value,
        ];
        Assert.NotEmpty(instruments);
        Assert.Empty(instruments.Where(name => !Regex.IsMatch(Page, $@"`p2p\.{package.ToLowerInvariant()}\.(?:[a-z_]+\.)*{name}`")));
    }

    [GeneratedRegex("(?:\\.Create\\w+<\\w+>\\([^\"]*|\\b(?:Count|Show)\\()\"([a-z_]+)\",\\s*\"[^\"]*\",\\s*\\$?\"")]
    private static partial Regex Instrument();
}
