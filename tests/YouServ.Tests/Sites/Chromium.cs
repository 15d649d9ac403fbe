using Microsoft.Playwright;

namespace YouServ.Tests.Sites;

/// <summary>Is the real browser, without a screen, for as long as the tests run that need it. Names that end with localhost are this machine to it.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>Opens a window that shares nothing with others. Skips the test where there is no Chromium.</summary>
    internal async Task<IPage> OpenAsync(int width = 1280, int height = 800, bool isDark = false)
    {
        await StartAsync(Installed.Program("chromium", "chromium"));
        var context = await _browser!.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            IsMobile = width < 600,
            HasTouch = width < 600,
        });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(60_000);
        return page;
    }

    /// <summary>Starts the browser by a program that ends in it, unless it runs.</summary>
    internal async Task StartAsync(string program, params string[] arguments)
    {
        if (_browser is null)
        {
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = ["--no-sandbox", "--disable-gpu", .. arguments] });
        }
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
