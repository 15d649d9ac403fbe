using P2P.YouServ;

namespace YouSearch.Tests.Sites;

public sealed class SearchTests
{
    [Fact]
    public async Task What_everyone_may_read_is_found_at_every_site()
    {
        await using var village = await SearchVillage.StartAsync();
        var joe = await village.AddAsync("joe");
        var alice = await village.AddAsync("alice");
        await joe.OpenAsync("", Audience.Everyone);
        await joe.WriteAsync("umbrellas.txt", "A red umbrella stands in the hall.");
        await alice.OpenAsync("", Audience.SignedIn);
        await alice.WriteAsync("rain/plans.md", "# Rain\n\nBring an *umbrella*.");

        Assert.Equal(["alice/rain/plans.md", "joe/umbrellas.txt"], await joe.FindAsync("umbrella"));
        Assert.Equal(["joe/umbrellas.txt"], await alice.FindAsync("\"red umbrella\""));
        Assert.Equal(["alice/rain/plans.md"], await joe.FindAsync("umbrella site:alice"));
        Assert.Equal(["alice/rain/plans.md"], await joe.FindAsync("umbrella type:md"));
        Assert.Equal(["joe/umbrellas.txt"], await alice.FindAsync("umb* -bring"));
        Assert.Empty(await joe.FindAsync("parasol"));

        Assert.All((await joe.Search.FindAsync("umbrella")).Hits, found => Assert.StartsWith($"http://{found.Site}.userv.localhost:", found.Url.AbsoluteUri, StringComparison.Ordinal));
        var hit = (await alice.Search.FindAsync("\"red umbrella\"")).Hits[0];
        Assert.Equal("A red umbrella stands in the hall.", hit.Snippet.Text);
        Assert.Equal(["red", "umbrella"], hit.Snippet.Marks.Select(mark => hit.Snippet.Text.Substring(mark.Start, mark.Length)).SelectMany(text => text.Split(' ')));
    }
}
