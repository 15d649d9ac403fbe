using System.Net.WebSockets;
using YouServ.Tests.Sites;
using static Microsoft.Playwright.Assertions;

namespace QuickStart.Tests.Dashboard;

/// <summary>A few pages look on at a time, and the next is told why it may not.</summary>
public sealed class CrowdTests(Chromium browser, RunningDashboard dashboard) : IClassFixture<Chromium>, IClassFixture<RunningDashboard>
{
    private const int PagesMax = 8;

    [SkippableFact]
    public async Task A_page_too_many_says_so_and_follows_when_another_is_closed()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        SetDefaultExpectTimeout(60_000);
        var page = await browser.OpenAsync();
        var others = new List<ClientWebSocket>();
        try
        {
            for (var i = 0; i < PagesMax; i++)
            {
                var socket = new ClientWebSocket();
                others.Add(socket);
                socket.Options.SetRequestHeader("Origin", dashboard.Page.GetLeftPart(UriPartial.Authority));
                await socket.ConnectAsync(dashboard.Socket, patience.Token);
            }

            await page.GotoAsync(dashboard.Page.ToString());
            await Expect(page.Locator("#full")).ToBeVisibleAsync();
            await Expect(page.Locator("#stopped")).ToBeHiddenAsync();
            others[0].Abort();
            await Expect(page.Locator(".node.ready").First).ToBeVisibleAsync();
            await Expect(page.Locator("#full")).ToBeHiddenAsync();
        }
        finally
        {
            others.ForEach(socket => socket.Dispose());
        }
    }
}
