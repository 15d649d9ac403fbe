using System.Net;
using P2P.YouServ;
using P2P.YouServ.Http.Files;

namespace YouServ.Tests.Files;

public sealed class SpellingTests
{
    [Theory]
    [InlineData("/closed/a.txt", HttpStatusCode.Unauthorized)]
    [InlineData("/Closed/a.txt", HttpStatusCode.NotFound)]
    [InlineData("/CLOSED/a.txt", HttpStatusCode.NotFound)]
    [InlineData("/Closed/", HttpStatusCode.NotFound)]
    [InlineData("/Closed/?zip", HttpStatusCode.NotFound)]
    [InlineData("/Closed", HttpStatusCode.NotFound)]
    [InlineData("/open/A.txt", HttpStatusCode.NotFound)]
    [InlineData("/open/a.txt", HttpStatusCode.OK)]
    public async Task A_rule_for_a_name_holds_however_it_is_spelt(string path, HttpStatusCode expected)
    {
        await using var site = await LiveSite.StartAsync(wrap: folder => new CaseBlindFolder(folder));
        site.Folder.Write("closed/a.txt", "secret");
        site.Folder.Write("open/a.txt", "open");
        site.Access.Rules = new([new() { Path = SitePath.Root, Audience = Audience.Everyone }, new() { Path = SitePath.Parse("closed") }]);
        for (var i = 0; i < 2; i++)
        {
            using var answer = await site.GetAsync(path);
            Assert.Equal(expected, answer.StatusCode);
        }
    }

    [Fact]
    public void Two_names_of_one_file_are_both_right()
    {
        using var temporary = new TemporaryFolder();
        temporary.Write("Ä1.txt", "x");
        temporary.Link("ä1.TXT", "Ä1.txt");
        using var folder = SiteFolder.Open(temporary.Root);
        Assert.True(Spelling.IsExact(folder, SitePath.Parse("Ä1.txt")));
        Assert.True(Spelling.IsExact(folder, SitePath.Parse("ä1.TXT")));
    }
}
