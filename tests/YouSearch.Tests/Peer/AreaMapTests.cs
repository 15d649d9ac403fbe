using P2P.YouSearch.Protocol;
using P2P.YouServ;

namespace YouSearch.Tests.Peer;

public sealed class AreaMapTests
{
    [Fact]
    public void Files_of_one_area_have_the_same_nearest_rule_and_the_same_word_of_the_owner()
    {
        var map = new AreaMap([SitePath.Parse("a"), SitePath.Parse("a/b")], [SitePath.Parse("a/b/c")]);
        Assert.Equal("-", map.AreaOf(SitePath.Parse("x.txt")));
        Assert.Equal("-/a", map.AreaOf(SitePath.Parse("a/x.txt")));
        Assert.Equal("-/a/b", map.AreaOf(SitePath.Parse("a/b/x.txt")));
        Assert.Equal("+/a/b", map.AreaOf(SitePath.Parse("a/b/c/x.txt")));
        Assert.Equal("-", map.AreaOf(SitePath.Parse("ab/x.txt")));
        Assert.Equal("-/", new AreaMap([SitePath.Root], []).AreaOf(SitePath.Parse("x")));
    }

    [Fact]
    public void An_area_tells_its_rule_and_the_owners_word()
    {
        Assert.Null(AreaMap.RuleOf("-"));
        Assert.Null(AreaMap.RuleOf("+"));
        Assert.Equal(SitePath.Root, AreaMap.RuleOf("-/"));
        Assert.Equal(SitePath.Parse("a/b"), AreaMap.RuleOf("+/a/b"));
        Assert.True(AreaMap.IsAgreed("+/a"));
        Assert.False(AreaMap.IsAgreed("-/a"));
    }
}
