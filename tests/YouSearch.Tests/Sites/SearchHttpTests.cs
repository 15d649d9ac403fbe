using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using P2P.YouServ;
using YouServ.Tests.Sites;

namespace YouSearch.Tests.Sites;

/// <summary>What the search's paths answer, whoever asks: browsers, their pages, and those who mean no good.</summary>
public sealed class SearchHttpTests
{
    private const string Umbrella = """{"query":"umbrella"}""";

    [Fact]
    public async Task Results_go_to_pages_of_the_same_host_only()
    {
        await using var village = await SearchVillage.StartAsync();
        var joe = await JoeAsync(village, Audience.Everyone);
        using var browser = await village.Village.NewBrowserOfAsync("joe");
        await SignInAsync(browser, joe);
        foreach (var origin in (string[])["http://evil.example", $"http://alice.{Village.Zone}", village.Village.Coordinator.GetLeftPart(UriPartial.Authority), "null"])
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(browser, $"{joe.Peer.Status.Url}.search/results", Umbrella, origin)).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(browser, $"{joe.Peer.Status.Url}.search/own/save", Umbrella, origin)).Status);
        }

        foreach (var origin in (string[])["http://evil.example", joe.Peer.Status.Url!.GetLeftPart(UriPartial.Authority), "null"])
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(browser, $"{village.Village.Coordinator}search/results", Umbrella, origin)).Status);
        }

        Assert.Equal(["joe/his.txt"], await FindAsync(browser, $"{joe.Peer.Status.Url}.search/results"));
        Assert.Equal(["joe/his.txt"], await FindAsync(browser, $"{village.Village.Coordinator}search/results"));
        Assert.Empty(joe.Search.Saved);
    }

    [Theory]
    [InlineData(Audience.Everyone, 1, 1)]
    [InlineData(Audience.SignedIn, 0, 1)]
    [InlineData(Audience.Named, 0, 0)]
    internal async Task Visitors_find_what_they_may_read(Audience audience, int anonymous, int signedIn)
    {
        await using var village = await SearchVillage.StartAsync();
        var joe = await JoeAsync(village, audience);
        using var stranger = village.Village.NewBrowser();
        using var alice = await village.Village.NewBrowserOfAsync("alice");
        using var owner = await village.Village.NewBrowserOfAsync("joe");
        var results = $"{joe.Peer.Status.Url}.search/results";
        Assert.Equal(anonymous, (await FindAsync(stranger, results)).Count);
        await SignInAsync(alice, joe);
        Assert.Equal(signedIn, (await FindAsync(alice, results)).Count);
        await SignInAsync(owner, joe);
        Assert.Single(await FindAsync(owner, results));
    }

    [Fact]
    public async Task Pages_say_what_browsers_may_do_with_them()
    {
        await using var village = await SearchVillage.StartAsync();
        var joe = await JoeAsync(village, Audience.Everyone);
        using var alice = await village.Village.NewBrowserOfAsync("alice");
        foreach (var place in (string[])[$"{joe.Peer.Status.Url}.search/", $"{village.Village.Coordinator}search/"])
        {
            var page = await alice.GetAsync($"{place}?q={Uri.EscapeDataString("\"><script>alert(1)</script>")}");
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.Equal("text/html; charset=utf-8", page.ContentHeaders.ContentType!.ToString());
            Assert.Equal(
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
                Assert.Single(page.Headers.GetValues("Content-Security-Policy")));
            AssertPrivate(page);
            Assert.Contains("value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\"", page.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>", page.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("style=", page.Text, StringComparison.Ordinal);

            var results = await PostAsync(alice, $"{place}results", Umbrella);
            Assert.Equal("text/event-stream", results.ContentHeaders.ContentType!.ToString());
            AssertPrivate(results);
            foreach (var asset in (string[])["search.js", "hits.js", "own.js", "elements.js", "search.css"])
            {
                var served = await alice.GetAsync($"{place}assets/{asset}");
                Assert.Equal(HttpStatusCode.OK, served.Status);
                Assert.Equal("nosniff", Assert.Single(served.Headers.GetValues("X-Content-Type-Options")));
                Assert.StartsWith(asset.EndsWith(".css", StringComparison.Ordinal) ? "text/css" : "text/javascript", served.ContentHeaders.ContentType!.ToString(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Who_has_not_signed_in_at_the_coordinator_is_asked_to_and_comes_back_with_the_query()
    {
        await using var village = await SearchVillage.StartAsync();
        using var stranger = village.Village.NewBrowser();
        var page = await stranger.GetAsync($"{village.Village.Coordinator}search/?q=red%20umbrella", follow: false);
        Assert.Equal(HttpStatusCode.SeeOther, page.Status);
        Assert.Equal($"/sign-in?return={Uri.EscapeDataString("/search/?q=red%20umbrella")}", page.Redirect!.PathAndQuery);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(stranger, $"{village.Village.Coordinator}search/results", Umbrella)).Status);
        using var alice = await village.Village.NewBrowserOfAsync("alice");
        var refused = await PostAsync(alice, $"{village.Village.Coordinator}search/results", """{"query":"umbrella group:guests"}""");
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Contains("only its members search in it", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        await using var village = await SearchVillage.StartAsync();
        var joe = await JoeAsync(village, Audience.Everyone);
        using var browser = await village.Village.NewBrowserOfAsync("joe");
        await SignInAsync(browser, joe);
        foreach (var path in (string[])["nothing", "results", "assets/nothing.js", "assets/", "assets/../search.js", "v1/answer", "v2/answer", "own/nothing"])
        {
            var expected = path.StartsWith("own/", StringComparison.Ordinal) ? HttpStatusCode.Forbidden : HttpStatusCode.NotFound;
            Assert.Equal((path, expected), (path, (await browser.GetAsync($"{joe.Peer.Status.Url}.search/{path}")).Status));
        }

        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(browser, $"{joe.Peer.Status.Url}.search/nothing", Umbrella)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(browser, $"{joe.Peer.Status.Url}.search/own/nothing", Umbrella)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync($"{village.Village.Coordinator}search/assets/nothing.js")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync($"{village.Village.Coordinator}search/nothing")).Status);
    }

    [Fact]
    public async Task Bodies_that_are_no_query_are_refused()
    {
        await using var village = await SearchVillage.StartAsync();
        var joe = await JoeAsync(village, Audience.Everyone);
        using var browser = await village.Village.NewBrowserOfAsync("joe");
        await SignInAsync(browser, joe);
        var tooLong = $$"""{"query":"umbrella","more":"{{new string('x', 20_000)}}"}""";
        string[] places = [$"{joe.Peer.Status.Url}.search/results", $"{village.Village.Coordinator}search/results"];
        foreach (var place in (string[])[.. places, $"{joe.Peer.Status.Url}.search/own/save"])
        {
            foreach (var body in (string[])["", "null", "[]", "{}", """{"query":7}""", """{"query":"umbrella"}}""", """{"query":"umbrella""", "\0"])
            {
                AssertRefused(HttpStatusCode.BadRequest, await PostAsync(browser, place, body));
            }

            AssertRefused(HttpStatusCode.RequestEntityTooLarge, await PostAsync(browser, place, tooLong));
            AssertRefused(HttpStatusCode.RequestEntityTooLarge, await PostAsync(browser, place, tooLong, isChunked: true));
        }

        foreach (var place in places)
        {
            foreach (var query in (string[])["""null""", "\"\"", "\"-umbrella\"", $"\"{new string('x', 1001)}\"", """ "umbrella","isFresh":"yes" """])
            {
                AssertRefused(HttpStatusCode.BadRequest, await PostAsync(browser, place, $$"""{"query":{{query}}}"""));
            }
        }
    }

    [Fact]
    public async Task Only_the_owner_gets_what_is_the_owners()
    {
        await using var village = await SearchVillage.StartAsync();
        var joe = await JoeAsync(village, Audience.Everyone);
        using var stranger = village.Village.NewBrowser();
        using var alice = await village.Village.NewBrowserOfAsync("alice");
        await SignInAsync(alice, joe);
        foreach (var browser in (Browser[])[stranger, alice])
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync($"{joe.Peer.Status.Url}.search/own/state")).Status);
            foreach (var act in (string[])["save", "recommend", "summarize", "forget"])
            {
                Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(browser, $"{joe.Peer.Status.Url}.search/own/{act}", Umbrella)).Status);
            }

            Assert.DoesNotContain("id=\"own\"", (await browser.GetAsync($"{joe.Peer.Status.Url}.search/")).Text, StringComparison.Ordinal);
        }

        using var owner = await village.Village.NewBrowserOfAsync("joe");
        await SignInAsync(owner, joe);
        Assert.Contains("id=\"own\"", (await owner.GetAsync($"{joe.Peer.Status.Url}.search/")).Text, StringComparison.Ordinal);
        var state = await owner.GetAsync($"{joe.Peer.Status.Url}.search/own/state");
        Assert.Equal(HttpStatusCode.OK, state.Status);
        AssertPrivate(state);
    }

    private static async Task<Inhabitant> JoeAsync(SearchVillage village, Audience audience)
    {
        var joe = await village.AddAsync("joe");
        await joe.OpenAsync("", audience);
        await joe.WriteAsync("his.txt", "His umbrella.");
        return joe;
    }

    /// <summary>Signs somebody in at a site, who has signed in at the coordinator.</summary>
    private static async Task SignInAsync(Browser browser, Inhabitant inhabitant) =>
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync($"{inhabitant.Peer.Status.Url}.youserv/sign-in?return=/.search/")).Status);

    private static Task<Page> PostAsync(Browser browser, string url, string body, string? origin = null, bool isChunked = false)
    {
        HttpContent content = isChunked ? new StreamContent(new UnseekableStream(Encoding.UTF8.GetBytes(body))) : new StringContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return browser.SendAsync(HttpMethod.Post, url, content, origin);
    }

    /// <summary>Searches as the page does.</summary>
    internal static async Task<IReadOnlyList<string>> FindAsync(Browser browser, string url)
    {
        var page = await PostAsync(browser, url, Umbrella);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        var last = page.Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[^1];
        Assert.StartsWith("event: results\ndata: ", last, StringComparison.Ordinal);
        var results = JsonDocument.Parse(last["event: results\ndata: ".Length..]).RootElement;
        Assert.True(results.GetProperty("progress").GetProperty("isFinal").GetBoolean());
        return [.. results.GetProperty("hits").EnumerateArray().Select(hit => $"{hit.GetProperty("site").GetString()}/{hit.GetProperty("path").GetString()}")];
    }

    /// <summary>A refusal says why, for people.</summary>
    private static void AssertRefused(HttpStatusCode expected, Page page)
    {
        Assert.Equal(expected, page.Status);
        Assert.Equal("application/problem+json", page.ContentHeaders.ContentType!.MediaType);
        AssertPrivate(page);
        Assert.NotEmpty(JsonDocument.Parse(page.Text).RootElement.GetProperty("detail").GetString()!);
    }

    private static void AssertPrivate(Page page)
    {
        Assert.Equal("no-store", page.Headers.CacheControl!.ToString());
        Assert.Equal("nosniff", Assert.Single(page.Headers.GetValues("X-Content-Type-Options")));
    }

    /// <summary>Does not say how long it is, so that it is sent in chunks.</summary>
    private sealed class UnseekableStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
