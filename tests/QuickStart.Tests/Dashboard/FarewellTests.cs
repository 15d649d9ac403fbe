using YouServ.Tests.Sites;
using static Microsoft.Playwright.Assertions;

namespace QuickStart.Tests.Dashboard;

/// <summary>A page whose program has stopped says so.</summary>
public sealed class FarewellTests(Chromium browser, RunningDashboard dashboard) : IClassFixture<Chromium>, IClassFixture<RunningDashboard>
{
    [SkippableFact]
    public async Task The_page_says_that_the_program_has_stopped_and_the_program_ends_well()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        SetDefaultExpectTimeout(60_000);
        var page = await browser.OpenAsync();
        await page.GotoAsync(dashboard.Page.ToString());
        await Expect(page.Locator(".node.ready").First).ToBeVisibleAsync();
        await Expect(page.Locator("#stopped")).ToBeHiddenAsync();
        Assert.Equal(0, await dashboard.TerminateAsync(patience.Token));
        await Expect(page.Locator("#stopped")).ToBeVisibleAsync();
    }
}
