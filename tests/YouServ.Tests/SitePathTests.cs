using P2P.YouServ;

namespace YouServ.Tests;

public sealed class SitePathTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("/", "")]
    [InlineData("a", "a")]
    [InlineData("/a/b.txt", "a/b.txt")]
    [InlineData("a/b/", "a/b")]
    [InlineData("Ünïcödé 文件/ещё/🎵.mp3", "Ünïcödé 文件/ещё/🎵.mp3")]
    [InlineData("...", "...")]
    [InlineData("a/..b", "a/..b")]
    public void What_a_site_may_hold_is_a_path(string text, string value) => Assert.Equal(value, SitePath.Parse(text).Value);

    [Theory]
    [InlineData(null)]
    [InlineData("..")]
    [InlineData("../a")]
    [InlineData("a/../../b")]
    [InlineData("a/./b")]
    [InlineData("a//b")]
    [InlineData("//")]
    [InlineData("a\\..\\b")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    public void What_may_lead_elsewhere_is_none(string? text) => Assert.False(SitePath.TryParse(text, out _));

    [Fact]
    public void Halves_of_characters_are_no_names()
    {
        Assert.False(SitePath.TryParse("a\ud800", out _));
        Assert.False(SitePath.TryParse("\udc00a", out _));
        Assert.False(SitePath.TryParse("\ud800\ud800", out _));
    }

    [Fact]
    public void Lengths_are_bounded_as_on_disks()
    {
        Assert.True(SitePath.TryParse(new string('ü', 127), out _));
        Assert.False(SitePath.TryParse(new string('ü', 128), out _));
        Assert.False(SitePath.TryParse(string.Join('/', Enumerable.Repeat("abc", 1100)), out _));
    }

    [Theory]
    [InlineData("a/b", "a", true)]
    [InlineData("a", "a", true)]
    [InlineData("ab", "a", false)]
    [InlineData("a", "", true)]
    [InlineData("a", "a/b", false)]
    public void A_folder_holds_what_lies_beneath_it(string path, string folder, bool isWithin) =>
        Assert.Equal(isWithin, SitePath.Parse(path).IsWithin(SitePath.Parse(folder)));

    [Theory]
    [InlineData(".env", true)]
    [InlineData("a/.git/config", true)]
    [InlineData("a.b/c", false)]
    public void Names_with_a_dot_in_front_are_hidden(string path, bool isHidden) => Assert.Equal(isHidden, SitePath.Parse(path).IsHidden);
}
