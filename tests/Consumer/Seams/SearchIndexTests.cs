using Consumer.Web;
using Microsoft.Extensions.DependencyInjection;
using P2P.YouSearch;

namespace Consumer.Seams;

public sealed class SearchIndexTests
{
    [Fact]
    public async Task Others_find_what_an_index_of_one_s_own_holds()
    {
        using var patience = new Patience();
        var indexes = new WordIndexFactory();
        await using var village = await Village.StartAsync(new NameBook(), _ => new BadgeReader(), patience);
        var seven = await village.MoveInAsync("seven", patience, services => services.AddSingleton<IIndexFactory>(indexes));
        var eight = await village.MoveInAsync("eight", patience);
        await seven.OpenSiteAsync("badge-7", "0000", patience);
        await eight.OpenSiteAsync("badge-8", "0000", patience);
        await seven.SaveAsync("Zürich.md", "# Plans\n\nA red umbrella, and no boots.", patience);

        Assert.Equal("badge-7", Assert.Single(indexes.Opened).Value);
        foreach (var query in (string[])["umbrella", "\"red umbrella\"", "umb* zurich", "PLANS type:md"])
        {
            var hit = Assert.Single((await eight.Search.FindAsync(query, cancellationToken: patience)).Hits);
            Assert.Equal("Plans", hit.Title);
        }

        foreach (var query in (string[])["parasol", "umbrella -boots", "\"umbrella red\""])
        {
            Assert.Empty((await eight.Search.FindAsync(query, cancellationToken: patience)).Hits);
        }
    }
}
