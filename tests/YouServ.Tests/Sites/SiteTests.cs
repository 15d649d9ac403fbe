using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using P2P.YouServ;

namespace YouServ.Tests.Sites;

public sealed class SiteTests : IAsyncLifetime
{
    private Village _village = null!;
    private YouServPeer _peer = null!;
    private string _joe = null!;
    private string _folder = null!;

    public async Task InitializeAsync()
    {
        _village = await Village.StartAsync();
        (_peer, _folder) = await _village.AddPeerAsync("joe");
        _joe = _peer.Status.Url!.GetLeftPart(UriPartial.Authority);
        await File.WriteAllTextAsync(Path.Combine(_folder, "notes.txt"), "joe's notes");
        Directory.CreateDirectory(Path.Combine(_folder, "team"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "team", "plan.txt"), "the team's plan");
    }

    public async Task DisposeAsync() => await _village.DisposeAsync();

    [Fact]
    public async Task The_name_points_at_the_peer() => Assert.Equal(["127.0.0.1"], _village.Dns["joe.userv.localhost"]);

    [Fact]
    public async Task What_has_no_rule_is_for_the_owner_alone()
    {
        using var owner = await _village.NewBrowserOfAsync("joe");
        Assert.Equal("joe's notes", (await owner.GetAsync($"{_joe}/notes.txt")).Text);
        using var other = await _village.NewBrowserOfAsync("alice");
        Assert.Equal(HttpStatusCode.Forbidden, (await other.GetAsync($"{_joe}/notes.txt")).Status);
        using var stranger = _village.NewBrowser();
        var page = await stranger.GetAsync($"{_joe}/notes.txt");
        Assert.StartsWith($"{_village.Coordinator}sign-in?return=", stranger.Location.ToString(), StringComparison.Ordinal);
        Assert.Contains("Sign in", page.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.SendAsync(HttpMethod.Head, $"{_joe}/notes.txt")).Status);
    }

    [Fact]
    public async Task Signing_in_leads_back_to_what_one_wanted_to_read()
    {
        using var owner = await _village.NewBrowserOfAsync("joe");
        await SetRuleAsync(owner, "team", "named", groups: ["staff"]);
        using var alice = _village.NewBrowser();
        await alice.GetAsync($"{_joe}/team/plan.txt");
        var target = Uri.UnescapeDataString(alice.Location.Query["?return=".Length..]);
        var page = await alice.PostAsync($"{_village.Coordinator}sign-in", ("user", "alice@example.org"), ("password", "alice's password"), ("return", target));
        Assert.Equal("the team's plan", page.Text);
        Assert.Equal($"{_joe}/team/plan.txt", alice.Location.ToString());
        Assert.Equal("noindex", page.Headers.GetValues("X-Robots-Tag").Single());
    }

    [Fact]
    public async Task Who_is_in_hundreds_of_groups_gets_in_and_who_is_in_too_many_learns_why_not()
    {
        using var owner = await _village.NewBrowserOfAsync("joe");
        await SetRuleAsync(owner, "team", "named", groups: ["department 299 of the organisation"]);
        await AddToGroupsAsync(300);
        using var alice = await _village.NewBrowserOfAsync("alice");
        Assert.Equal("the team's plan", (await alice.GetAsync($"{_joe}/team/plan.txt")).Text);

        await AddToGroupsAsync(1000);
        using var again = await _village.NewBrowserOfAsync("alice");
        var page = await again.GetAsync($"{_joe}/team/plan.txt");
        Assert.Equal(HttpStatusCode.Forbidden, page.Status);
        Assert.Contains("too many groups", page.Text, StringComparison.Ordinal);

        ValueTask AddToGroupsAsync(int count) => new LocalAccounts(_village.Store).SetAsync(
            UserId.Parse("alice@example.org"), "alice's password", "Alice", Enumerable.Range(0, count).Select(number => $"department {number} of the organisation"));
    }

    [Fact]
    public async Task No_cookie_of_one_host_is_known_at_another()
    {
        var (mallory, _) = await _village.AddPeerAsync("mallory");
        using var alice = await _village.NewBrowserOfAsync("alice");
        await alice.GetAsync($"{_joe}/notes.txt");
        await alice.GetAsync($"{mallory.Status.Url}x");
        var cookies = new[] { Village.Zone, "joe.userv.localhost", "mallory.userv.localhost" }.SelectMany(host => alice.CookiesOf(host)).ToArray();
        Assert.All(cookies, cookie => Assert.StartsWith("__Host-", cookie.Key, StringComparison.Ordinal));
        Assert.Equal(cookies.Length, cookies.Select(cookie => cookie.Value).Distinct().Count());

        // What the coordinator or another site knows a visitor by opens nothing here.
        using var thief = _village.NewBrowser();
        foreach (var (name, value) in cookies.Where(cookie => !alice.CookiesOf("joe.userv.localhost").Values.Contains(cookie.Value)))
        {
            thief.SetCookie("joe.userv.localhost", name, value);
            Assert.Equal(HttpStatusCode.Unauthorized, (await thief.SendAsync(HttpMethod.Head, $"{_joe}/notes.txt")).Status);
        }
    }

    [Fact]
    public async Task A_ticket_counts_once_asked_for_in_one_browser_at_one_site()
    {
        var (mallory, _) = await _village.AddPeerAsync("mallory");
        using var alice = await _village.NewBrowserOfAsync("alice");
        var authorize = (await alice.GetAsync($"{_joe}/notes.txt", follow: false)).Redirect!;
        var enter = (await alice.GetAsync(authorize.ToString(), follow: false)).Redirect!;
        using var thief = _village.NewBrowser();
        Assert.Equal(HttpStatusCode.Forbidden, (await thief.GetAsync(enter.ToString(), follow: false)).Status);
        var elsewhere = new UriBuilder(enter) { Host = "mallory.userv.localhost", Port = mallory.Status.Url!.Port }.Uri;
        Assert.Equal(HttpStatusCode.Forbidden, (await alice.GetAsync(elsewhere.ToString(), follow: false)).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await alice.GetAsync(enter.ToString(), follow: false)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await alice.GetAsync(enter.ToString(), follow: false)).Status);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("\\\\evil.example")]
    [InlineData("/\t/evil.example/")]
    public async Task Nobody_is_led_elsewhere_after_signing_in(string target)
    {
        using var alice = await _village.NewBrowserOfAsync("alice");
        await alice.PostAsync($"{_village.Coordinator}sign-in", ("user", "alice@example.org"), ("password", "alice's password"), ("return", target));
        Assert.Equal(_village.Coordinator, alice.Location);
        var page = await alice.GetAsync($"{_village.Coordinator}authorize?site=joe.userv.localhost&nonce=1&return={Uri.EscapeDataString(target)}", follow: false);
        Assert.Equal(HttpStatusCode.NotFound, page.Status);
    }

    [Fact]
    public async Task A_revoked_session_ends_at_the_sites_too()
    {
        using var owner = await _village.NewBrowserOfAsync("joe");
        await SetRuleAsync(owner, "", "signed-in");
        using var alice = await _village.NewBrowserOfAsync("alice");
        Assert.Equal("joe's notes", (await alice.GetAsync($"{_joe}/notes.txt")).Text);
        await alice.PostAsync($"{_village.Coordinator}sign-out");
        while ((await alice.SendAsync(HttpMethod.Head, $"{_joe}/notes.txt")).Status == HttpStatusCode.OK)
        {
            await Task.Yield();
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await alice.SendAsync(HttpMethod.Head, $"{_joe}/notes.txt")).Status);
        Assert.Equal(HttpStatusCode.OK, (await owner.SendAsync(HttpMethod.Head, $"{_joe}/notes.txt")).Status);
    }

    [Fact]
    public async Task A_ticket_from_before_a_session_was_revoked_opens_nothing_after_the_site_has_heard_of_it()
    {
        using var thief = await _village.NewBrowserOfAsync("alice");
        var authorize = (await thief.GetAsync($"{_joe}/notes.txt", follow: false)).Redirect!;
        var enter = (await thief.GetAsync(authorize.ToString(), follow: false)).Redirect!;
        await thief.PostAsync($"{_village.Coordinator}sign-out");
        while (_peer.Site.Visits.RevocationsSeen == 0)
        {
            await Task.Delay(20);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await thief.GetAsync(enter.ToString(), follow: false)).Status);
    }

    [Fact]
    public async Task Signing_out_at_a_site_ends_the_visit_there()
    {
        using var owner = await _village.NewBrowserOfAsync("joe");
        await owner.GetAsync($"{_joe}/notes.txt");
        Assert.Equal(HttpStatusCode.Forbidden, (await owner.SendAsync(HttpMethod.Post, $"{_joe}/.youserv/sign-out", origin: "http://mallory.userv.localhost")).Status);
        Assert.Equal(HttpStatusCode.OK, (await owner.SendAsync(HttpMethod.Head, $"{_joe}/notes.txt")).Status);
        await owner.SendAsync(HttpMethod.Post, $"{_joe}/.youserv/sign-out");
        Assert.Equal(HttpStatusCode.Unauthorized, (await owner.SendAsync(HttpMethod.Head, $"{_joe}/notes.txt")).Status);
    }

    [Fact]
    public async Task Rules_and_links_are_the_owners_to_make_and_only_from_the_sites_own_pages()
    {
        using var alice = await _village.NewBrowserOfAsync("alice");
        await alice.GetAsync($"{_joe}/notes.txt");
        Assert.Equal(HttpStatusCode.Forbidden, (await alice.SendAsync(HttpMethod.Put, $"{_joe}/.youserv/api/rule", Json(Rule("", "everyone")))).Status);
        using var owner = await _village.NewBrowserOfAsync("joe");
        await owner.GetAsync($"{_joe}/.youserv/");
        Assert.Equal(HttpStatusCode.Forbidden, (await owner.SendAsync(HttpMethod.Put, $"{_joe}/.youserv/api/rule", Json(Rule("", "everyone")), "http://mallory.userv.localhost")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await owner.SendAsync(HttpMethod.Post, $"{_joe}/.youserv/api/links", Json("""{"path":"notes.txt"}"""), "null")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await owner.SendAsync(HttpMethod.Put, $"{_joe}/.youserv/api/rule", Json(Rule("../x", "everyone")))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await owner.SendAsync(HttpMethod.Put, $"{_joe}/.youserv/api/rule", Json("[]"))).Status);
    }

    [Fact]
    public async Task A_share_link_opens_one_thing_until_it_is_revoked()
    {
        using var owner = await _village.NewBrowserOfAsync("joe");
        await owner.GetAsync($"{_joe}/.youserv/");
        using var link = JsonDocument.Parse((await owner.SendAsync(HttpMethod.Post, $"{_joe}/.youserv/api/links", Json("""{"path":"team/plan.txt","seconds":3600}"""))).Text);
        var url = link.RootElement.GetProperty("url").GetString()!;
        using var friend = _village.NewBrowser();
        Assert.Equal("the team's plan", (await friend.GetAsync(url)).Text);
        Assert.Empty(friend.CookiesOf("joe.userv.localhost"));
        Assert.Equal(HttpStatusCode.NotFound, (await friend.GetAsync($"{url}/../../notes.txt", follow: false)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await friend.GetAsync($"{url}/notes.txt", follow: false)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await friend.GetAsync($"{url}x/plan.txt", follow: false)).Status);
        await owner.SendAsync(HttpMethod.Delete, $"{_joe}/.youserv/api/links?id={Uri.EscapeDataString(link.RootElement.GetProperty("id").GetString()!)}");
        Assert.Equal(HttpStatusCode.NotFound, (await friend.GetAsync(url)).Status);
    }

    [Fact]
    public async Task Rules_and_links_go_where_files_go()
    {
        using var owner = await _village.NewBrowserOfAsync("joe");
        await SetRuleAsync(owner, "", "everyone");
        await SetRuleAsync(owner, "team", "named");
        await SetRuleAsync(owner, "team/plan.txt", "signed-in");
        using var link = JsonDocument.Parse((await owner.SendAsync(HttpMethod.Post, $"{_joe}/.youserv/api/links", Json("""{"path":"team/plan.txt"}"""))).Text);
        var url = link.RootElement.GetProperty("url").GetString()!;
        using var stranger = _village.NewBrowser();
        Assert.Equal(HttpStatusCode.OK, (await stranger.SendAsync(HttpMethod.Head, $"{_joe}/notes.txt")).Status);

        // What was private stays private under its new name; what fails leaves all as it was.
        Assert.Equal(HttpStatusCode.Conflict, (await owner.SendAsync(HttpMethod.Post, $"{_joe}/.youserv/api/files/move", Json("""{"path":"team","to":"notes.txt"}"""))).Status);
        Assert.Equal(HttpStatusCode.OK, (await stranger.SendAsync(HttpMethod.Head, $"{_joe}/notes.txt")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await owner.SendAsync(HttpMethod.Post, $"{_joe}/.youserv/api/files/move", Json("""{"path":"team","to":"crew"}"""))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.SendAsync(HttpMethod.Head, $"{_joe}/crew/plan.txt")).Status);
        using var alice = await _village.NewBrowserOfAsync("alice");
        Assert.Equal("the team's plan", (await alice.GetAsync($"{_joe}/crew/plan.txt")).Text);
        Assert.Equal("the team's plan", (await stranger.GetAsync(url)).Text);

        // What comes later to an old name has none of the rules that were there.
        Assert.Equal(HttpStatusCode.NoContent, (await owner.SendAsync(HttpMethod.Post, $"{_joe}/.youserv/api/files/delete", Json("""{"path":"crew"}"""))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync(url)).Status);
        using var site = JsonDocument.Parse((await owner.SendAsync(HttpMethod.Get, $"{_joe}/.youserv/api/site")).Text);
        Assert.Equal([""], site.RootElement.GetProperty("rules").EnumerateArray().Select(rule => rule.GetProperty("path").GetString()));
    }

    [Fact]
    public async Task A_rule_beneath_a_name_opens_no_file_of_that_name()
    {
        using var owner = await _village.NewBrowserOfAsync("joe");
        await SetRuleAsync(owner, "notes.txt/inner", "everyone");
        using var stranger = _village.NewBrowser();
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.SendAsync(HttpMethod.Head, $"{_joe}/notes.txt")).Status);
    }

    [Fact]
    public async Task The_owner_sees_who_has_read_what()
    {
        using var owner = await _village.NewBrowserOfAsync("joe");
        await SetRuleAsync(owner, "team", "named", users: ["alice@example.org"]);
        using var alice = await _village.NewBrowserOfAsync("alice");
        await alice.GetAsync($"{_joe}/team/plan.txt");
        await alice.GetAsync($"{_joe}/notes.txt");
        using var readings = JsonDocument.Parse((await owner.SendAsync(HttpMethod.Get, $"{_joe}/.youserv/api/readings")).Text);
        var entries = readings.RootElement.EnumerateArray().Select(entry => (entry.GetProperty("reader").GetString(), entry.GetProperty("path").GetString())).ToArray();
        Assert.Contains(("alice@example.org", "team/plan.txt"), entries);
        Assert.DoesNotContain(("alice@example.org", "notes.txt"), entries);
    }

    [Theory]
    [InlineData("mallory.userv.localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("joe.userv.localhost.evil.example")]
    [InlineData("userv.localhost")]
    public async Task A_peer_answers_under_its_own_name_only(string host)
    {
        using var browser = _village.NewBrowser();
        var url = new UriBuilder(_joe) { Host = host, Path = "/notes.txt" }.Uri;
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await browser.GetAsync(url.ToString(), follow: false)).Status);
    }

    [Fact]
    public async Task Plugins_answer_before_files()
    {
        var (peer, _) = await _village.AddPeerAsync("alice", services => services.AddSingleton<IYouServPlugin>(new Greeter()));
        using var alice = await _village.NewBrowserOfAsync("alice");
        await alice.GetAsync($"{peer.Status.Url}");
        Assert.Equal("Hello, alice@example.org.", (await alice.GetAsync($"{peer.Status.Url}hello/x")).Text);
        Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync($"{peer.Status.Url}hellox")).Status);
    }

    private async Task SetRuleAsync(Browser owner, string path, string audience, string[]? users = null, string[]? groups = null)
    {
        await owner.GetAsync($"{_joe}/.youserv/");
        Assert.Equal(HttpStatusCode.NoContent, (await owner.SendAsync(HttpMethod.Put, $"{_joe}/.youserv/api/rule", Json(Rule(path, audience, users, groups)))).Status);
    }

    private static string Rule(string path, string audience, string[]? users = null, string[]? groups = null) =>
        JsonSerializer.Serialize(new { path, audience, users = users ?? [], groups = groups ?? [] });

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private sealed class Greeter : IYouServPlugin
    {
        public string PathPrefix => "/hello";

        public async ValueTask<bool> TryHandleAsync(Microsoft.AspNetCore.Http.HttpContext context, ServedSite site, Visitor visitor)
        {
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, $"Hello, {visitor.User}.");
            return true;
        }
    }
}
