using System.Globalization;
using System.Text.RegularExpressions;

namespace Architecture.Tests;

public sealed partial class StyleTests
{
    private const int LinesMax = 400;

    private static readonly Dictionary<string, int> FirstEventIds = new()
    {
        ["Bloom"] = 1000,
        ["Pastry"] = 2000,
        ["Past"] = 3000,
        ["Scribe"] = 4000,
        ["YouServ"] = 5000,
        ["YouSearch"] = 6000,
    };

    public static TheoryData<string> Packages => [.. Repository.Packages()];

    [Fact]
    public void A_file_holds_one_concept() =>
        Assert.DoesNotContain(Repository.Files("src", "*.cs"), file => Repository.Read(file).TrimEnd('\n').Split('\n').Length > LinesMax);

    [Fact]
    public void Nothing_is_folded_away() =>
        Assert.DoesNotContain(Repository.Files("src", "*.cs"), file => CodeText.CodeOf(Repository.Read(file)).Contains("#region", StringComparison.Ordinal));

    [Fact]
    public void Comments_say_why_and_leave_no_notes_behind() =>
        Assert.Empty(
            from folder in (string[])["src", "tests", "samples"]
            from file in Repository.Files(folder, "*.cs")
            from match in Note().Matches(CodeText.CommentsOf(Repository.Read(file)))
            select $"{file}: {match.Value}");

    [Theory]
    [MemberData(nameof(Packages))]
    public void Event_ids_are_unique_and_in_the_range_of_their_package(string package)
    {
        int[] ids =
        [
            .. from file in Repository.Files($"src/{package}", "*.cs")
               from match in EventId().Matches(Repository.Read(file))
               select int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture),
        ];
        var declared = Repository.Files($"src/{package}", "*.cs").Sum(file => CodeText.CodeOf(Repository.Read(file)).Split("[LoggerMessage(").Length - 1);
        var first = FirstEventIds[package];
        Assert.Equal(declared, ids.Length);
        Assert.Empty(ids.GroupBy(id => id).Where(group => group.Count() > 1).Select(group => group.Key));
        Assert.All(ids, id => Assert.InRange(id, first, first + 999));
    }

    [GeneratedRegex(@"\b(?:TODO|FIXME|HACK|XXX)\b|\b(?:issue|ticket|PR)\s*#?\d+|\bissue\s+#|\bpull request\b|\b(?:this|last|previous|earlier) session\b")]
    private static partial Regex Note();

    [GeneratedRegex(@"\[LoggerMessage\(\s*(?:EventId\s*=\s*)?(\d+)\s*,")]
    private static partial Regex EventId();
}
