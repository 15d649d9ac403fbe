using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using P2P.YouServ;

namespace YouServ.Tests.Sites;

/// <summary>
/// People use sites with a real browser. With P2P_SCREENSHOTS set to a folder, pictures of the pages are left there, to be looked at.
/// </summary>
public sealed class ChromiumTests(Chromium chromium) : IClassFixture<Chromium>
{
    private static readonly string? Screenshots = Environment.GetEnvironmentVariable("P2P_SCREENSHOTS");

    [SkippableFact]
    public async Task Joe_publishes_a_file_for_alice_and_shares_another_by_link()
    {
        var joe = await chromium.OpenAsync();
        await using var village = await Village.StartAsync();
        var (peer, folder) = await village.AddPeerAsync("joe");
        var site = peer.Status.Url!.ToString();

        // Two clicks from signing in to the first file: publish, upload.
        await SignInAsync(joe, village, "joe");
        await ShootAsync(joe, "coordinator");
        await joe.GetByRole(AriaRole.Link, new() { Name = "Publish files" }).ClickAsync();
        await joe.Locator("#upload").SetInputFilesAsync((FilePayload[])
        [
            new() { Name = "beach & sea.txt", MimeType = "text/plain", Buffer = "waves"u8.ToArray() },
            new() { Name = "plan <b>x.txt", MimeType = "text/plain", Buffer = "the plan"u8.ToArray() },
            new() { Name = "large.bin", MimeType = "application/octet-stream", Buffer = new byte[20_000_000] },
        ]);
        await Assertions.Expect(joe.Locator("#entries")).ToContainTextAsync("20 MB");
        await Assertions.Expect(joe.Locator("#entries")).ToContainTextAsync("plan <b>x.txt");
        Assert.Equal("waves", await File.ReadAllTextAsync(Path.Combine(folder, "beach & sea.txt")));
        Assert.Equal(20_000_000, new FileInfo(Path.Combine(folder, "large.bin")).Length);

        // Alice sees it only after she may.
        var alice = await chromium.OpenAsync();
        await SignInAsync(alice, village, "alice");
        await alice.GotoAsync($"{site}beach%20&%20sea.txt");
        await Assertions.Expect(alice.Locator("h2")).ToHaveTextAsync("Not open to you");
        await joe.GetByRole(AriaRole.Button, new() { Name = "Who may read beach & sea.txt" }).ClickAsync();
        await joe.Locator("#access-users").FillAsync("alice@example.org");
        await ShootAsync(joe, "access");
        await joe.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(joe.Locator("#entries")).ToContainTextAsync("alice@example.org");
        await alice.ReloadAsync();
        await Assertions.Expect(alice.Locator("body")).ToHaveTextAsync("waves");
        await alice.GotoAsync(site);
        await Assertions.Expect(alice.Locator("body")).ToContainTextAsync("beach & sea.txt");
        await Assertions.Expect(alice.Locator("body")).Not.ToContainTextAsync("large.bin");
        await ShootAsync(alice, "listing");

        // A link opens the other file to a stranger, until it is revoked.
        await joe.GetByRole(AriaRole.Button, new() { Name = "Share plan <b>x.txt" }).ClickAsync();
        await joe.Locator("#share-create").ClickAsync();
        await Assertions.Expect(joe.Locator("#share-url")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("/share/"));
        var link = await joe.Locator("#share-url").InputValueAsync();
        await ShootAsync(joe, "share");
        await joe.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        var stranger = await chromium.OpenAsync();
        await stranger.GotoAsync(link);
        await Assertions.Expect(stranger.Locator("body")).ToHaveTextAsync("the plan");
        await stranger.GotoAsync($"{site}large.bin");
        await Assertions.Expect(stranger.Locator("h2")).ToHaveTextAsync("Sign in");
        await joe.GetByRole(AriaRole.Button, new() { Name = "Revoke the link to plan" }).ClickAsync();
        await Assertions.Expect(joe.Locator("#links")).ToContainTextAsync("There are none.");
        await stranger.GotoAsync(link);
        await Assertions.Expect(stranger.Locator("body")).ToContainTextAsync("This link has ended");

        // Joe sees who has read what; the pages also work small and dark.
        await joe.ReloadAsync();
        await Assertions.Expect(joe.Locator("#readings")).ToContainTextAsync("alice@example.org");
        await ShootAsync(joe, "owner");
        var phone = await chromium.OpenAsync(390, 844, isDark: true);
        await SignInAsync(phone, village, "joe");
        await ShootAsync(phone, "coordinator-phone");
        await phone.GotoAsync($"{site}.youserv/");
        await Assertions.Expect(phone.Locator("#readings")).ToContainTextAsync("alice@example.org");
        Assert.True(await phone.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "The page is wider than the phone.");
        await ShootAsync(phone, "owner-phone");
    }

    [SkippableFact]
    public async Task Joe_invites_alice_to_keep_a_copy_and_she_accepts()
    {
        var joe = await chromium.OpenAsync();
        await using var village = await Village.StartAsync();
        var (peer, folder) = await village.AddPeerAsync("joe");
        var (other, _) = await village.AddPeerAsync("alice");
        await File.WriteAllTextAsync(Path.Combine(folder, "notes.txt"), "joe's notes");
        await SignInAsync(joe, village, "joe");
        await joe.GotoAsync($"{peer.Status.Url}.youserv/");
        await joe.Locator("#invite-name").FillAsync("alice");
        await joe.GetByRole(AriaRole.Button, new() { Name = "Invite" }).ClickAsync();
        await Assertions.Expect(joe.Locator("#replicas")).ToContainTextAsync("invited, has not accepted");

        var alice = await chromium.OpenAsync(390, 844);
        await SignInAsync(alice, village, "alice");
        await alice.GotoAsync($"{other.Status.Url}.youserv/");
        await Assertions.Expect(alice.Locator("#held")).ToContainTextAsync("invites you to keep a copy");
        await alice.GetByRole(AriaRole.Button, new() { Name = "Keep a copy of joe" }).ClickAsync();
        using (var patience = new Replication.ReplicaPatience())
        {
            await patience.UntilAsync(async () => await peer.LookAsync() is var version && (await peer.GetReplicationAsync()).Replicas is [{ Version: var copied }] && copied == version);
        }

        await alice.ReloadAsync();
        await Assertions.Expect(alice.Locator("#held")).ToContainTextAsync("up to date");
        Assert.True(await alice.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "The page is wider than the phone.");
        await ShootAsync(alice, "copies-phone");
        await joe.ReloadAsync();
        await Assertions.Expect(joe.Locator("#replicas")).ToContainTextAsync("up to date");
        await ShootAsync(joe, "copies");
        await joe.GetByRole(AriaRole.Button, new() { Name = "Remove the copy at alice" }).ClickAsync();
        await Assertions.Expect(joe.Locator("#replicas")).Not.ToContainTextAsync("alice");
    }

    [SkippableFact]
    public async Task A_share_link_expires_while_one_looks()
    {
        var stranger = await chromium.OpenAsync();
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var village = await Village.StartAsync();
        var (peer, folder) = await village.AddPeerAsync("joe", services => services.AddSingleton<TimeProvider>(time));
        await File.WriteAllTextAsync(Path.Combine(folder, "notes.txt"), "notes");
        var (_, secret) = await peer.Site.Links.CreateAsync(SitePath.Parse("notes.txt"), time.GetUtcNow().AddHours(1), time.GetUtcNow());
        var link = $"{peer.Status.Url}.youserv/share/{secret}";
        await stranger.GotoAsync(link);
        await Assertions.Expect(stranger.Locator("body")).ToHaveTextAsync("notes");
        time.Advance(TimeSpan.FromHours(1));
        await stranger.GotoAsync(link);
        await Assertions.Expect(stranger.Locator("body")).ToContainTextAsync("This link has ended");
    }

    private static async Task SignInAsync(IPage page, Village village, string user)
    {
        await page.GotoAsync(village.Coordinator.ToString());
        if (user == "joe" && page.ViewportSize!.Width > 600)
        {
            await ShootAsync(page, "sign-in");
        }

        await page.GetByLabel("User").FillAsync($"{user}@example.org");
        await page.GetByLabel("Password").FillAsync($"{user}'s password");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(page.Locator("body")).ToContainTextAsync("Everyone’s sites");
    }

    private static async Task ShootAsync(IPage page, string name)
    {
        if (Screenshots is not null)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(Screenshots, $"{name}.png"), FullPage = true });
        }
    }
}
