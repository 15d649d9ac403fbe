using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using P2P.YouSearch;
using P2P.YouServ;

namespace YouSearch.Tests.Sites;

/// <summary>Peers that are silent, broken or hostile cost others at most their time, and are told of.</summary>
public sealed class TroubleTests
{
    private const string Body = "application/json";

    [Fact]
    public async Task A_peer_that_never_answers_costs_its_deadline_and_is_reported()
    {
        await using var village = await SearchVillage.StartAsync();
        var (alice, joe) = await TwoAsync(village, Interference.Silence);
        var found = await alice.Search.FindAsync("umbrella");
        Assert.Equal(["joe"], found.SilentSites);
        Assert.True(found.Progress.IsFinal);
        Assert.Equal(1, found.Progress.Silent);
        Assert.Equal(["alice/mine.txt"], found.Hits.Select(hit => $"{hit.Site}{hit.Path}"));
        Assert.NotNull(joe);
    }

    [Fact]
    public async Task A_peer_that_never_ends_its_answer_is_left_at_its_bound()
    {
        await using var village = await SearchVillage.StartAsync();
        var (alice, _) = await TwoAsync(
            village,
            async context =>
            {
                context.Response.ContentType = Body;
                var piece = Encoding.UTF8.GetBytes("{\"host\":\"" + new string('x', 60_000));
                while (!context.RequestAborted.IsCancellationRequested)
                {
                    await context.Response.Body.WriteAsync(piece, context.RequestAborted);
                }
            },
            TimeSpan.FromMinutes(1));
        var found = await alice.Search.FindAsync("umbrella");
        Assert.Equal(["joe"], found.SilentSites);
        Assert.Equal("alice", Assert.Single(found.Hits).Site.Value);
    }

    [Fact]
    public async Task A_machine_that_dies_in_the_midst_of_its_answer_is_reported()
    {
        await using var village = await SearchVillage.StartAsync();
        var (alice, _) = await TwoAsync(
            village,
            async context =>
            {
                context.Response.ContentLength = 1000;
                await context.Response.WriteAsync("{");
                await context.Response.Body.FlushAsync();
                context.Abort();
            },
            TimeSpan.FromMinutes(1));
        Assert.Equal(["joe"], (await alice.Search.FindAsync("umbrella")).SilentSites);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"host\":\"alice.userv.localhost\",\"matches\":1,\"hits\":[]}")]
    [InlineData("{\"host\":null}")]
    [InlineData("{\"host\":\"joe.userv.localhost\",\"hits\":[{\"path\":\"a\",\"title\":null,\"type\":\"\",\"digest\":\"\"}]}")]
    public async Task What_is_no_answer_is_none(string answer)
    {
        await using var village = await SearchVillage.StartAsync();
        var (alice, _) = await TwoAsync(village, context => SendAsync(context, answer), TimeSpan.FromMinutes(1));
        var found = await alice.Search.FindAsync("umbrella");
        Assert.Equal(["joe"], found.SilentSites);
        Assert.Equal("alice", Assert.Single(found.Hits).Site.Value);
    }

    [Fact]
    public async Task A_million_hits_are_as_many_as_were_asked_for_and_lead_nowhere_but_to_their_site()
    {
        await using var village = await SearchVillage.StartAsync();
        var hits = string.Join(',', Enumerable.Range(0, 2000).Select(number =>
            $$$"""{"path":"../{{{number}}}//x?","title":"t","type":"txt","digest":""},{"path":"{{{number}}}","title":"<script>alert(1)</script>","type":"<b>","digest":"no","words":-5,"partFrequencies":[1e308,"x"],"length":-1,"modifiedAt":"2020-01-01T00:00:00Z","snippet":"s","marks":[5,9,-1,3]}""".Replace(",\"x\"", "", StringComparison.Ordinal)));
        var (alice, _) = await TwoAsync(village, context => SendAsync(context, $$"""{"host":"joe.userv.localhost","documents":9223372036854775807,"words":-7,"partDocuments":[-1,5],"matches":1000000,"hits":[{{hits}}]}"""), TimeSpan.FromMinutes(1));
        var found = await alice.Search.FindAsync("umbrella", new SearchOptions { Count = 50 });
        Assert.Equal(50, found.Hits.Count);
        Assert.All(found.Hits.Where(hit => hit.Site.Value == "joe"), hit =>
        {
            Assert.Equal("joe.userv.localhost", hit.Url.Host);
            Assert.Empty(hit.Snippet.Marks);
            Assert.True(double.IsFinite(hit.Score));
            Assert.True(hit.Length >= 0);
        });

        // Whoever claims to have everything does not bury what others have.
        Assert.Contains(found.Hits, hit => hit.Site.Value == "alice");
    }

    [Fact]
    public async Task A_search_that_nobody_waits_for_ends()
    {
        await using var village = await SearchVillage.StartAsync();
        var (alice, _) = await TwoAsync(village, Interference.Silence, TimeSpan.FromMinutes(1));
        using var impatience = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var results in alice.Search.SearchAsync("umbrella", cancellationToken: impatience.Token))
            {
                Assert.False(results.Progress.IsFinal);
                await impatience.CancelAsync();
            }
        });
    }

    [Fact]
    public async Task Where_the_registrar_is_away_the_own_site_is_found_and_the_rest_told_of()
    {
        await using var village = await SearchVillage.StartAsync(options => options.UserRequestsPerSecond = 1);
        var alice = await village.AddAsync("alice");
        await alice.OpenAsync("", Audience.Everyone);
        await alice.WriteAsync("mine.txt", "My umbrella.");
        SearchResults found;
        do
        {
            found = await alice.Search.FindAsync("umbrella");
            Assert.Single(found.Hits);
        }
        while (found.Problem is null);

        Assert.False(found.Progress.IsWhole);
        Assert.Contains("Too many", found.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\"")]
    [InlineData("-umbrella")]
    [InlineData("site:joe")]
    public async Task What_is_no_query_says_why(string query)
    {
        await using var village = await SearchVillage.StartAsync();
        var alice = await village.AddAsync("alice");
        Assert.StartsWith("Say what to look for", (await Assert.ThrowsAsync<YouSearchException>(async () => await alice.Search.FindAsync(query))).Message, StringComparison.Ordinal);
    }

    private static Task SendAsync(HttpContext context, string answer)
    {
        context.Response.ContentType = Body;
        return context.Response.WriteAsync(answer);
    }

    private static async Task<(Inhabitant Alice, Inhabitant Joe)> TwoAsync(SearchVillage village, Func<HttpContext, Task> answer, TimeSpan? deadline = null)
    {
        var joe = await village.AddAsync("joe", services: services => services.AddSingleton<IYouServPlugin>(new Interference(answer)));
        var alice = await village.AddAsync("alice", configure: options => options.SiteDeadline = deadline ?? TimeSpan.FromMilliseconds(300));
        await joe.OpenAsync("", Audience.Everyone);
        await joe.WriteAsync("his.txt", "His umbrella.");
        await alice.OpenAsync("", Audience.Everyone);
        await alice.WriteAsync("mine.txt", "My umbrella.");
        return (alice, joe);
    }
}
