using P2P.YouServ;
using P2P.YouServ.Protocol;

namespace YouServ.Tests.Coordination;

public sealed class SiteNamingTests
{
    [Theory]
    [InlineData("joe@example.org", "joe", "joe-2", "joe-3")]
    [InlineData("Joe.Average+lists@example.org", "joe-average-lists", "joe-average-lists-2", "joe-average-lists-3")]
    [InlineData("jörg.müßig@example.org", "joerg-muessig", "joerg-muessig-2", "joerg-muessig-3")]
    [InlineData("www@example.org", "www-2", "www-3", "www-4")]
    [InlineData("李@example.org", "site", "site-2", "site-3")]
    [InlineData("--@example.org", "site", "site-2", "site-3")]
    [InlineData("xn--joe@example.org", "xn-joe", "xn-joe-2", "xn-joe-3")]
    public void Names_are_made_of_what_stands_before_the_at(string user, params string[] names) =>
        Assert.Equal(names, SiteNaming.Candidates(UserId.Parse(user), []).Take(3).Select(name => name.Value));

    [Fact]
    public void What_the_operator_keeps_is_nobodys() =>
        Assert.Equal(
            ["wiki-3", "wiki-4"],
            SiteNaming.Candidates(UserId.Parse("wiki@example.org"), [SiteName.Parse("wiki"), SiteName.Parse("wiki-2")]).Take(2).Select(name => name.Value));

    [Fact]
    public void Long_names_leave_room_for_their_number()
    {
        var names = SiteNaming.Candidates(UserId.Parse(new string('a', 100)), []).Take(1000).ToArray();
        Assert.All(names, name => Assert.InRange(name.Value.Length, 1, SiteName.LengthMax));
        Assert.Equal(1000, names.Distinct().Count());
    }
}
