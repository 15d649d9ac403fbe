using Microsoft.Playwright;
using YouServ.Tests.Sites;
using static Microsoft.Playwright.Assertions;

namespace YouSearch.Tests.Sites;

/// <summary>
/// Is a window of a real browser in which somebody searches. With P2P_SCREENSHOTS set to a folder, pictures of the pages are left there, to be looked at.
/// </summary>
internal sealed class SearchWindow(IPage page)
{
    private static readonly string? Screenshots = Environment.GetEnvironmentVariable("P2P_SCREENSHOTS");

    public IPage Page => page;

    public ILocator Hits => page.Locator(".hit");

    public ILocator Titles => page.Locator(".hit h2");

    public ILocator Account => page.Locator("#counts");

    public ILocator Query => page.Locator("#query");

    /// <summary>Opens a window in which nobody has signed in; skips the test where there is no Chromium.</summary>
    public static async Task<SearchWindow> OpenAsync(Chromium chromium, int width = 1280, int height = 800, bool isDark = false)
    {
        SetDefaultExpectTimeout(60_000); // This machine may be busy with other tests.
        return new(await chromium.OpenAsync(width, height, isDark));
    }

    /// <summary>Signs somebody in at the coordinator, and at his own site if he has one.</summary>
    public async Task SignInAsync(SearchVillage village, string user, Inhabitant? own = null)
    {
        await page.GotoAsync(village.Village.Coordinator.ToString());
        await FillSignInAsync(user);
        await Expect(page.Locator("body")).ToContainTextAsync("Everyone’s sites");
        if (own is not null)
        {
            await page.GotoAsync($"{own.Peer.Status.Url}.youserv/");
            await Expect(page.Locator("#state")).ToContainTextAsync("is up");
        }
    }

    public async Task FillSignInAsync(string user)
    {
        await page.GetByLabel("User").FillAsync($"{user}@example.org");
        await page.GetByLabel("Password").FillAsync($"{user}'s password");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    /// <summary>Goes to the page of a site, or of the coordinator, as a link or a bookmark does.</summary>
    public async Task GoAsync(Uri site, string query, string path = ".search/") =>
        await page.GotoAsync($"{site}{path}{(query.Length > 0 ? $"?q={Uri.EscapeDataString(query)}" : "")}");

    /// <summary>Types a query and sends it.</summary>
    public async Task AskAsync(string query)
    {
        await Query.FillAsync(query);
        await Query.PressAsync("Enter");
    }

    /// <summary>Waits until the search has come to its end.</summary>
    public async Task WhenDoneAsync()
    {
        await Expect(page.Locator("#status")).ToBeVisibleAsync();
        await Expect(page.Locator("#progress")).ToBeHiddenAsync();
    }

    /// <summary>Waits until these documents are shown, by their titles and in this order, and nothing more is to come.</summary>
    public async Task WhenFoundAsync(params string[] titles)
    {
        await WhenDoneAsync();
        await Expect(Titles).ToHaveTextAsync(titles);
    }

    /// <summary>No page may be wider than its window.</summary>
    public async Task FitsAsync() => Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{page.Url} is wider than its window.");

    public async Task ShootAsync(string name)
    {
        if (Screenshots is not null)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(Screenshots, $"search-{name}.png"), FullPage = true, Animations = ScreenshotAnimations.Disabled });
        }
    }
}
