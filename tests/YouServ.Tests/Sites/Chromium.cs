using Hosts.Network;
using Microsoft.Playwright;

namespace YouServ.Tests.Sites;

/// <summary>Is the real browser, without a screen, for as long as the tests run that need it. Names that end with localhost are this machine to it.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private TemporaryFolder? _home;

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
    /// <param name="program">The program.</param>
    /// <param name="trusted">An authority that the browser believes beside those of the web (PEM).</param>
    internal async Task StartAsync(string program, string? trusted = null)
    {
        if (_browser is not null)
        {
            return;
        }

        _home = new TemporaryFolder();
        if (trusted is not null)
        {
            Trust(_home.Path, trusted);
        }

        _playwright = await Playwright.CreateAsync();
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().Select(entry => KeyValuePair.Create((string)entry.Key, (string)entry.Value!));
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = program,
            Args = ["--no-sandbox", "--disable-gpu"],
            Env = environment.Where(entry => entry.Key != "HOME").Append(KeyValuePair.Create("HOME", _home.Path)),
        });
    }

    /// <summary>Puts an authority where the browser looks for those that its user has added.</summary>
    private static void Trust(string home, string authority)
    {
        var certutil = Installed.Program("certutil", "libnss3-tools");
        var (store, file) = ($"sql:{home}/.pki/nssdb", Path.Combine(home, "authority.crt"));
        Directory.CreateDirectory(Path.Combine(home, ".pki", "nssdb"));
        File.WriteAllText(file, authority);
        Tool.Run(certutil, "-d", store, "-N", "--empty-password");
        Tool.Run(certutil, "-d", store, "-A", "-t", "C,,", "-n", "authority", "-i", file);
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        _home?.Dispose();
    }
}
