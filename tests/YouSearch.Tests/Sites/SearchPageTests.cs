using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using P2P.YouServ;
using YouSearch.Tests.Extraction;
using YouServ.Tests;
using YouServ.Tests.Sites;
using static Microsoft.Playwright.Assertions;

namespace YouSearch.Tests.Sites;

/// <summary>People search with a real browser.</summary>
public sealed class SearchPageTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Markup = "<img src=x onerror=window.ran=1><script>window.ran=1</script> umbrella";

    [SkippableFact]
    public async Task Results_appear_one_by_one_while_other_sites_are_still_asked()
    {
        var window = await SearchWindow.OpenAsync(chromium);
        await using var village = await SearchVillage.StartAsync();
        var held = new HeldAnswer();
        var joe = await OpenSiteAsync(village, "joe", "his.txt", "His umbrella.");
        var bob = await village.AddAsync("bob", services: services => services.AddSingleton<IYouServPlugin>(held));
        await bob.OpenAsync("", Audience.Everyone);
        await bob.WriteAsync("umbrella-umbrella.txt", "umbrella, umbrella, umbrella");
        var alice = await village.AddAsync("alice");
        await window.SignInAsync(village, "alice", alice);

        await window.GoAsync(alice.Peer.Status.Url!, "umbrella");
        await Expect(window.Titles).ToHaveTextAsync(["his.txt"]);
        await held.Asked;
        await Expect(window.Page.Locator("#progress")).ToBeVisibleAsync();
        await Expect(window.Account).ToContainTextAsync("1 document · 2 of 3 sites answered …");
        await window.ShootAsync("under-way");

        // What somebody is about to open stays under his finger.
        await window.Page.Keyboard.PressAsync("ArrowDown");
        await Expect(window.Titles.GetByRole(AriaRole.Link)).ToBeFocusedAsync();
        held.Release();
        await window.WhenFoundAsync("umbrella-umbrella.txt", "his.txt");
        await Expect(window.Titles.GetByRole(AriaRole.Link, new() { Name = "his.txt" })).ToBeFocusedAsync();
        await Expect(window.Account).ToHaveTextAsync("2 documents · 3 of 3 sites answered");
        await Expect(window.Page.GetByRole(AriaRole.Status).First).ToHaveTextAsync("2 documents · 3 of 3 sites answered");
        Assert.NotNull(joe);
    }

    [SkippableFact]
    public async Task A_recommended_document_comes_first_for_members_of_the_group_until_it_is_taken_back()
    {
        var window = await SearchWindow.OpenAsync(chromium);
        await using var village = await SearchVillage.StartAsync();
        var joe = await OpenSiteAsync(village, "joe", "best.txt", "umbrella umbrella umbrella");
        await joe.WriteAsync("long.txt", $"umbrella {string.Concat(Enumerable.Repeat("and other words ", 50))}");
        var alice = await village.AddAsync("alice", ["staff"]);
        var bob = await village.AddAsync("bob", ["staff"]);
        var carol = await village.AddAsync("carol", ["guests"]);
        await window.SignInAsync(village, "alice", alice);
        await window.GoAsync(alice.Peer.Status.Url!, "umbrella");
        await window.WhenFoundAsync("best.txt", "long.txt");

        var recommend = window.Page.GetByRole(AriaRole.Button, new() { Name = "Recommend long.txt" });
        await recommend.ClickAsync();
        await window.ShootAsync("recommend");
        await window.Page.Keyboard.PressAsync("Escape");
        await Expect(window.Page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        await Expect(recommend).ToBeFocusedAsync();
        await recommend.ClickAsync();
        await window.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Recommend" }).ClickAsync();
        await Expect(window.Page.Locator("#done")).ToContainTextAsync("Members of staff");
        await alice.Search.WhenFoundAsync();

        var others = await SearchWindow.OpenAsync(chromium, 390, 844, isDark: true);
        await others.SignInAsync(village, "bob", bob);
        await others.GoAsync(bob.Peer.Status.Url!, "umbrella");
        await others.WhenFoundAsync("long.txt", "best.txt");
        await Expect(others.Hits.First).ToContainTextAsync("Recommended by alice@example.org to staff");
        await others.FitsAsync();
        await others.ShootAsync("recommended-phone");
        await others.GoAsync(village.Village.Coordinator, "umbrella", "search/");
        await others.WhenFoundAsync("long.txt", "best.txt");
        var stranger = await SearchWindow.OpenAsync(chromium);
        await stranger.SignInAsync(village, "carol", carol);
        await stranger.GoAsync(carol.Peer.Status.Url!, "umbrella");
        await stranger.WhenFoundAsync("best.txt", "long.txt");
        await Expect(stranger.Page.Locator("body")).Not.ToContainTextAsync("Recommended by");

        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Take back joe/long.txt" }).ClickAsync();
        await Expect(window.Page.Locator("#recommended-section")).ToBeHiddenAsync();
        await alice.Search.WhenFoundAsync();
        await others.Page.ReloadAsync();
        await others.WhenFoundAsync("best.txt", "long.txt");
    }

    [SkippableFact]
    public async Task Members_of_a_group_search_in_it()
    {
        var window = await SearchWindow.OpenAsync(chromium);
        await using var village = await SearchVillage.StartAsync();
        var bob = await village.AddAsync("bob", ["staff"]);
        await bob.OpenAsync("", Audience.Named, groups: ["staff"]);
        await bob.WriteAsync("staff.txt", "Our umbrella.");
        var alice = await village.AddAsync("alice", ["staff"]);
        await alice.WriteAsync("mine.txt", "My umbrella.");
        await window.SignInAsync(village, "alice", alice);
        await window.Page.GetByRole(AriaRole.Searchbox).FillAsync("umbrella");
        await window.ShootAsync("owner-page");
        await window.Page.GetByRole(AriaRole.Searchbox).PressAsync("Enter");
        await window.WhenFoundAsync("mine.txt");
        await window.Page.GetByLabel("Where").SelectOptionAsync("Group staff");
        await Expect(window.Hits.Filter(new() { HasText = "bob/staff.txt" })).ToBeVisibleAsync();
        await window.GoAsync(village.Village.Coordinator, "umbrella", "search/");
        await window.Page.GetByLabel("Where").SelectOptionAsync("Group staff");
        await Expect(window.Hits.Filter(new() { HasText = "bob/staff.txt" })).ToBeVisibleAsync();
        Assert.EndsWith("/search/?q=umbrella%20group%3Astaff", window.Page.Url, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Markup_in_documents_is_text()
    {
        Installed.Program("pdftotext", "poppler-utils");
        var window = await SearchWindow.OpenAsync(chromium);
        await using var village = await SearchVillage.StartAsync();
        var alice = await OpenSiteAsync(village, "alice", "<img src=x onerror=window.ran=1>.txt", Markup);
        var escaped = Markup.Replace("<", "&lt;", StringComparison.Ordinal);
        await alice.WriteAsync("a.md", $"# A heading\n\n```\n{Markup}\n```\n");
        await alice.WriteAsync("b.html", $"<!doctype html><title>{Markup}</title><p>{escaped}</p>");
        await File.WriteAllBytesAsync(Path.Combine(alice.Folder, "c.docx"), OfficeFiles.Document(Markup, Markup));
        await File.WriteAllBytesAsync(Path.Combine(alice.Folder, "d.pptx"), OfficeFiles.Presentation(1, Markup + " "));
        await File.WriteAllBytesAsync(Path.Combine(alice.Folder, "e.pdf"), PdfFiles.Document(Markup, Markup));
        await alice.Search.WhenFoundAsync();
        await window.SignInAsync(village, "alice", alice);

        await window.GoAsync(alice.Peer.Status.Url!, "umbrella");
        await window.WhenDoneAsync();
        await Expect(window.Hits).ToHaveCountAsync(6);
        foreach (var type in (string[])["txt", "md", "html", "docx", "pptx", "pdf"])
        {
            await Expect(window.Hits.Filter(new() { Has = window.Page.Locator(".kind", new() { HasTextRegex = new($"^{type}$", System.Text.RegularExpressions.RegexOptions.IgnoreCase) }) }))
                .ToContainTextAsync("<script>window.ran=1</script>");
        }

        await window.ShootAsync("markup");
        await AssertTextAsync(window);
        await window.GoAsync(alice.Peer.Status.Url!, $"umbrella {Markup}");
        await window.WhenDoneAsync();
        Assert.Equal($"umbrella {Markup}", await window.Query.InputValueAsync());
        await AssertTextAsync(window);

        await window.GoAsync(alice.Peer.Status.Url!, "umbrella");
        await window.WhenDoneAsync();
        await SaveAsync(window, "All that I may read");
        await window.Page.Locator("#done a").ClickAsync();
        await Expect(window.Page.Locator("li")).ToHaveCountAsync(6);
        await AssertTextAsync(window);
    }

    [SkippableFact]
    public async Task A_silent_site_is_named_in_the_account()
    {
        var window = await SearchWindow.OpenAsync(chromium, 390, 844);
        await using var village = await SearchVillage.StartAsync();
        var joe = await village.AddAsync("joe", services: services => services.AddSingleton<IYouServPlugin>(new Interference(Interference.Silence)));
        await joe.OpenAsync("", Audience.Everyone);
        await joe.WriteAsync("his.txt", "His umbrella.");
        var alice = await village.AddAsync("alice", configure: options => options.SiteDeadline = TimeSpan.FromMilliseconds(300));
        await alice.WriteAsync("mine.txt", "My umbrella.");
        await window.SignInAsync(village, "alice", alice);
        await window.GoAsync(alice.Peer.Status.Url!, "umbrella");
        await window.WhenFoundAsync("mine.txt");
        await Expect(window.Page.Locator("#missing")).ToHaveTextAsync("1 site did not answer (joe). There may be more there: search again later.");
        await Expect(window.Page.GetByRole(AriaRole.Button, new() { Name = "Ask all sites again" })).ToBeVisibleAsync();
        await window.FitsAsync();
        await window.ShootAsync("silent-phone");
    }

    [SkippableFact]
    public async Task An_address_says_the_query_and_survives_reload_and_back()
    {
        var window = await SearchWindow.OpenAsync(chromium);
        await using var village = await SearchVillage.StartAsync();
        var joe = await OpenSiteAsync(village, "joe", "one.txt", "One umbrella.");
        await joe.WriteAsync("two.md", "# Two\n\nTwo umbrellas, and one umbrella.");
        await OpenSiteAsync(village, "bob", "three.txt", "The third umbrella.");

        // From the box above a listing.
        await window.Page.GotoAsync(joe.Peer.Status.Url!.ToString());
        await window.ShootAsync("listing");
        await window.Page.GetByRole(AriaRole.Searchbox).FillAsync("umbrella");
        await window.Page.GetByRole(AriaRole.Searchbox).PressAsync("Enter");
        await window.WhenDoneAsync();
        await Expect(window.Hits).ToHaveCountAsync(3);

        await window.Page.GetByLabel("Where").SelectOptionAsync("This site");
        await Expect(window.Hits).ToHaveCountAsync(2);
        await window.Page.GetByLabel("Type").SelectOptionAsync("Markdown");
        await window.WhenFoundAsync("Two");
        Assert.EndsWith("?q=umbrella%20site%3Ajoe%20type%3Amd", window.Page.Url, StringComparison.Ordinal);
        await window.Page.ReloadAsync();
        await window.WhenFoundAsync("Two");
        await Expect(window.Query).ToHaveValueAsync("umbrella");
        await Expect(window.Page.GetByLabel("Where")).ToHaveValueAsync("site:joe");
        await Expect(window.Page.GetByLabel("Type")).ToHaveValueAsync("md");

        await window.Page.Keyboard.PressAsync("/");
        await Expect(window.Query).ToBeFocusedAsync();
        await window.Page.Keyboard.PressAsync("ArrowDown");
        await window.Page.Keyboard.PressAsync("Enter");
        await Expect(window.Page).ToHaveURLAsync($"{joe.Peer.Status.Url}two.md");
        await window.Page.GoBackAsync();
        await window.WhenFoundAsync("Two");
        await window.Page.GoBackAsync();
        await Expect(window.Hits).ToHaveCountAsync(2);
        await Expect(window.Page.GetByLabel("Type")).ToHaveValueAsync("");
        await window.Page.GoBackAsync();
        await Expect(window.Hits).ToHaveCountAsync(3);

        await window.AskAsync("parasol type:md");
        await window.WhenFoundAsync();
        await Expect(window.Page.Locator("#nothing")).ToBeVisibleAsync();
        await Expect(window.Page.GetByLabel("Type")).ToHaveValueAsync("md");
        await window.ShootAsync("nothing");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Search without filters" }).ClickAsync();
        await Expect(window.Page).ToHaveURLAsync($"{joe.Peer.Status.Url}.search/?q=parasol");
        await window.AskAsync("-umbrella");
        await Expect(window.Page.GetByRole(AriaRole.Alert).First).ToHaveTextAsync("Say what to look for, and not only what to leave out.");
        await Expect(window.Page.Locator("#status")).ToBeHiddenAsync();
    }

    [SkippableFact]
    public async Task The_owner_saves_a_search_as_a_page_opens_it_and_refreshes_it()
    {
        var window = await SearchWindow.OpenAsync(chromium);
        await using var village = await SearchVillage.StartAsync();
        var joe = await OpenSiteAsync(village, "joe", $"{new string('n', 200)}.txt", $"An umbrella and {new string('x', 300)}.");
        var alice = await village.AddAsync("alice");
        await alice.WriteAsync("mine.txt", "My private umbrella.");
        await window.SignInAsync(village, "alice", alice);
        await window.GoAsync(alice.Peer.Status.Url!, "umbrella");
        await window.WhenDoneAsync();
        await Expect(window.Hits).ToHaveCountAsync(2);

        await SaveAsync(window, "Only what everyone may read");
        var saved = window.Page.Locator("#saved li");
        await Expect(saved).ToHaveCountAsync(1);
        await window.ShootAsync("saved");
        await joe.WriteAsync("newer.txt", "A newer umbrella.");
        await saved.GetByRole(AriaRole.Button, new() { Name = "Refresh umbrella" }).ClickAsync();
        await Expect(saved.GetByRole(AriaRole.Button, new() { Name = "Refresh umbrella" })).ToBeEnabledAsync();
        await saved.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(window.Page.Locator("h1")).ToHaveTextAsync("Search for umbrella");
        await Expect(window.Page.Locator("li")).ToHaveCountAsync(2);
        await Expect(window.Page.Locator("body")).ToContainTextAsync("A newer umbrella.");
        await Expect(window.Page.Locator("body")).Not.ToContainTextAsync("private");
        Assert.NotEqual("none", await window.Page.EvaluateAsync<string>("getComputedStyle(document.querySelector('li')).borderTopStyle"));
        await window.FitsAsync();
        await window.Page.SetViewportSizeAsync(390, 844);
        await window.FitsAsync();
        await window.ShootAsync("saved-page-phone");

        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Search again" }).ClickAsync();
        await window.WhenDoneAsync();
        await window.FitsAsync();
        await saved.GetByRole(AriaRole.Button, new() { Name = "Delete umbrella" }).ClickAsync();
        await Expect(window.Page.Locator("#saved-section")).ToBeHiddenAsync();
        Assert.Empty(alice.Search.Saved);
    }

    [SkippableFact]
    public async Task A_visitor_finds_what_everyone_may_read_and_more_after_signing_in()
    {
        var window = await SearchWindow.OpenAsync(chromium, 390, 844);
        await using var village = await SearchVillage.StartAsync();
        var joe = await OpenSiteAsync(village, "joe", "open.txt", "An umbrella for everyone: umbrella, umbrella.");
        await joe.OpenAsync("in", Audience.SignedIn);
        await joe.WriteAsync("in/inside.txt", "The umbrella inside.");
        await joe.OpenAsync("own", Audience.Named);
        await joe.WriteAsync("own/secret.txt", "The secret umbrella.");
        var bob = await village.AddAsync("bob");
        await bob.OpenAsync("", Audience.SignedIn);
        await bob.WriteAsync("bobs.txt", $"The umbrella of bob {string.Concat(Enumerable.Repeat("and other words ", 50))}");

        await window.GoAsync(joe.Peer.Status.Url!, "");
        await window.ShootAsync("visitor-phone");
        await window.AskAsync("umbrella");
        await window.WhenFoundAsync("open.txt");
        await Expect(window.Page.Locator("#own")).ToHaveCountAsync(0);
        await window.FitsAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        await window.FillSignInAsync("alice");
        await window.WhenFoundAsync("open.txt", "inside.txt");
        await Expect(window.Page.Locator("header")).ToContainTextAsync("alice@example.org");

        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Search as yourself" }).ClickAsync();
        await Expect(window.Page).ToHaveURLAsync($"{village.Village.Coordinator}search/?q=umbrella");
        await window.WhenDoneAsync();
        await Expect(window.Hits).ToHaveCountAsync(3);
        await Expect(window.Page.Locator("body")).Not.ToContainTextAsync("secret");
        await window.FitsAsync();
        await window.ShootAsync("coordinator-phone");

        // Who has not signed in anywhere does so on the way.
        var other = await SearchWindow.OpenAsync(chromium);
        await other.GoAsync(joe.Peer.Status.Url!, "");
        await other.AskAsync("\"umbrella of bob\"");
        await other.WhenFoundAsync();
        await other.Page.GetByRole(AriaRole.Link, new() { Name = "Search as yourself" }).ClickAsync();
        await other.FillSignInAsync("alice");
        await other.WhenFoundAsync("bobs.txt");
        await Expect(other.Query).ToHaveValueAsync("\"umbrella of bob\"");
    }

    private static async Task<Inhabitant> OpenSiteAsync(SearchVillage village, string user, string path, string text)
    {
        var inhabitant = await village.AddAsync(user);
        await inhabitant.OpenAsync("", Audience.Everyone);
        await inhabitant.WriteAsync(path, text);
        return inhabitant;
    }

    private static async Task SaveAsync(SearchWindow window, string choice)
    {
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Save as a page" }).ClickAsync();
        await window.Page.GetByLabel(choice).CheckAsync();
        await window.ShootAsync("save");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Expect(window.Page.Locator("#done")).ToContainTextAsync("Saved as searches/");
    }

    private static async Task AssertTextAsync(SearchWindow window)
    {
        Assert.Equal(0, await window.Page.Locator("body img, body script, body [onerror]").CountAsync());
        Assert.True(await window.Page.EvaluateAsync<bool>("window.ran === undefined"), "Markup of a document has run.");
    }
}
