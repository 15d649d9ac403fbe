using Microsoft.Playwright;
using Xunit.Abstractions;
using YouServ.Tests.Sites;
using static Microsoft.Playwright.Assertions;

namespace QuickStart.Tests.Dashboard;

/// <summary>The page in a real browser draws the ring that there is, and what is done at it is done to the ring.</summary>
public sealed class BrowserTests(Chromium browser, RunningDashboard dashboard, ITestOutputHelper output) : IClassFixture<Chromium>, IClassFixture<RunningDashboard>, IAsyncLifetime
{
    private const int Nodes = 8;

    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(3));
    private readonly List<string> _complaints = [];
    private IPage? _page;

    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>Closes the page: the program lets a few look on at a time.</summary>
    public async Task DisposeAsync()
    {
        _patience.Dispose();
        await (_page?.Context.CloseAsync() ?? Task.CompletedTask);
    }

    [SkippableFact]
    public async Task A_node_that_is_clicked_stops_and_the_ring_becomes_whole_again()
    {
        var page = await OpenAsync();
        await WhenAsync(page, "ring.picture()?.nodes.length === document.querySelectorAll('.node').length");
        await WhenAsync(page, "document.getElementById('repair-state').className === 'whole'");

        var victim = page.Locator(".node.holder.ready").First;
        var number = int.Parse((await victim.GetAttributeAsync("data-number"))!, System.Globalization.CultureInfo.InvariantCulture);
        await victim.ClickAsync();
        await Expect(page.Locator($".node[data-number='{number}']")).ToHaveClassAsync(new System.Text.RegularExpressions.Regex("gone"));
        var nodes = await dashboard.NodesAsync(_patience.Token);
        Assert.False(nodes.Single(node => node.GetProperty("number").GetInt32() == number).GetProperty("isUp").GetBoolean());

        await Expect(page.Locator("#happenings .noticed").First).ToBeVisibleAsync();
        await Expect(page.Locator("#happenings .repaired").First).ToBeVisibleAsync();
        await Expect(page.Locator("#repair-state")).ToHaveClassAsync("whole");
        await WhenAsync(page, "document.querySelectorAll('.node.holder').length === 3");
        Assert.True(await page.EvaluateAsync<bool>("ring.picture().samples.some(([, lacking]) => lacking > 0) && ring.picture().samples.at(-1)[1] === 0"));

        await page.ClickAsync("#start");
        await Expect(page.Locator("#happenings .started").First).ToBeVisibleAsync();
        await WhenAsync(page, $"ring.picture().nodes.filter(node => node.isReady).length >= {Nodes}");
        Assert.Empty(_complaints);
    }

    [SkippableFact]
    public async Task Messages_move_and_the_tree_of_the_group_spans_its_members()
    {
        var page = await OpenAsync();
        await WhenAsync(page, "ring.hops() > 3 && ring.words() > 0 && ring.drawn() > 3");
        await WhenAsync(page, "ring.picture().nodes.filter(node => node.isUp && node.isRoot).length === 1 && ring.picture().nodes.filter(node => node.isUp).every(node => node.isMember)");
        await WhenAsync(page, "document.querySelectorAll('#tree-lines path').length === ring.picture().nodes.filter(node => node.isUp).length - 1");
        await page.UncheckAsync("#show-tree");
        await Expect(page.Locator("#tree-lines path")).ToHaveCountAsync(0);
        Assert.Empty(_complaints);
    }

    [SkippableFact]
    public async Task Whoever_a_file_is_picked_of_is_shown_as_its_holder_and_it_is_found()
    {
        var page = await OpenAsync();
        await WhenAsync(page, "document.getElementById('repair-state').className === 'whole'");
        await page.Locator("#files button").Nth(2).ClickAsync();
        await WhenAsync(page, "[...document.querySelectorAll('.node.holder')].map(node => Number(node.dataset.number)).sort().join() === [...ring.picture().files[2].holders].sort().join()");
        await page.ClickAsync("#look");
        await Expect(page.Locator(".found")).ToContainTextAsync("found from");
        Assert.Equal("look", await page.EvaluateAsync<string>("document.activeElement.id"));
        Assert.Empty(_complaints);
    }

    [SkippableFact]
    public async Task Who_has_no_mouse_gets_to_each_node_and_sees_whom_it_knows()
    {
        var page = await OpenAsync();
        await WhenAsync(page, "document.querySelectorAll('.node.ready').length > 0");
        await page.Locator(".node.ready").First.FocusAsync();
        await Expect(page.Locator("#node-table")).ToBeVisibleAsync();
        await Expect(page.Locator("#node-table")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("[1-9]"));
        await WhenAsync(page, "document.querySelectorAll('#leaf-lines path').length > 0");
        Assert.Contains("Enter stops it", await page.Locator(".node.ready").First.GetAttributeAsync("aria-label"), StringComparison.Ordinal);
        Assert.Empty(_complaints);
    }

    [SkippableFact]
    public async Task Buttons_stay_under_the_hands_of_who_uses_them_while_the_picture_changes()
    {
        var page = await OpenAsync();
        await WhenAsync(page, "document.querySelectorAll('.node.ready').length > 0");
        await page.Locator(".node.ready").First.FocusAsync();
        await page.Locator("#node-stop").FocusAsync();
        var heard = await page.Locator("#node-heard").TextContentAsync();
        await Expect(page.Locator("#node-heard")).Not.ToHaveTextAsync(heard!);
        Assert.Equal("node-stop", await page.EvaluateAsync<string>("document.activeElement.id"));
        Assert.Empty(_complaints);
    }

    [SkippableTheory]
    [InlineData(390, 844, true)]
    [InlineData(360, 640, false)]
    [InlineData(1440, 900, true)]
    [InlineData(900, 700, false)]
    public async Task Nothing_is_wider_than_the_window(int width, int height, bool isDark)
    {
        var page = await OpenAsync(width, height, isDark);
        await WhenAsync(page, "document.querySelectorAll('.node').length > 0");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        Assert.Empty(_complaints);
    }

    private async Task<IPage> OpenAsync(int width = 1440, int height = 900, bool isDark = false)
    {
        SetDefaultExpectTimeout(60_000); // This machine may be busy with other tests.
        var page = _page = await browser.OpenAsync(width, height, isDark);
        page.Console += (_, message) =>
        {
            output.WriteLine($"console: {message.Text}");
            _complaints.Add(message.Text);
        };
        page.PageError += (_, error) => _complaints.Add(error);
        await page.GotoAsync(dashboard.Page.ToString());
        return page;
    }

    private static async Task WhenAsync(IPage page, string condition)
    {
        try
        {
            await page.EvaluateAsync($"async () => {{ while (!({condition})) await new Promise(requestAnimationFrame); }}").WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"This did not come true: {condition}. There is: {await page.EvaluateAsync<string>("() => JSON.stringify({ ...ring.picture(), samples: null })")}");
        }
    }
}
