using P2P.YouServ;
using YouServ.Tests.Dns;

namespace YouServ.Tests.Sites;

public sealed class RestartTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_coordinator_that_is_killed_amid_its_work_has_everything_when_it_comes_back()
    {
        using var patience = new CancellationTokenSource(Patience);
        await using var coordinator = new CoordinatorProcess();
        foreach (var user in (string[])["joe", "alice"])
        {
            await coordinator.AddUserAsync($"{user}@example.org", $"{user}'s password", patience.Token);
        }

        await coordinator.StartAsync(patience.Token);
        await using var village = Village.At(coordinator.Url);
        var (joe, folder) = await village.AddPeerAsync("joe");
        var site = joe.Status.Url!.GetLeftPart(UriPartial.Authority);
        await File.WriteAllTextAsync(Path.Combine(folder, "notes.txt"), "joe's notes", patience.Token);
        await joe.SetRuleAsync(new() { Path = SitePath.Root, Audience = Audience.SignedIn }, patience.Token);
        using var alice = await village.NewBrowserOfAsync("alice");
        Assert.Equal("joe's notes", (await alice.GetAsync($"{site}/notes.txt")).Text);
        Assert.Equal(["127.0.0.1"], (await TestQuery.AskAsync(coordinator.Dns, joe.Status.Host, TestQuery.A)).Texts);

        // It dies while people sign in: those who were told that they are, are.
        var attempts = Enumerable.Range(0, 4).Select(_ => TrySignInAsync(village)).ToList();
        await Task.WhenAny(attempts);
        await coordinator.KillAsync(patience.Token);
        var signedIn = (await Task.WhenAll(attempts)).OfType<Browser>().ToList();
        Assert.NotEmpty(signedIn);

        // Sites go on without it, for those whom they know.
        Assert.Equal("joe's notes", (await alice.GetAsync($"{site}/notes.txt")).Text);

        await coordinator.StartAsync(patience.Token);
        Assert.Equal(["127.0.0.1"], (await TestQuery.AskAsync(coordinator.Dns, joe.Status.Host, TestQuery.A)).Texts);
        foreach (var browser in (Browser[])[alice, .. signedIn])
        {
            Assert.Contains("Everyone’s sites", (await browser.GetAsync(coordinator.Url.ToString())).Text, StringComparison.Ordinal);
            Assert.Equal("joe's notes", (await browser.GetAsync($"{site}/notes.txt")).Text);
        }

        // The lease of before is the one that is given back.
        await joe.SignOutAsync(patience.Token);
        Assert.Empty((await TestQuery.AskAsync(coordinator.Dns, $"joe.{Village.Zone}", TestQuery.A)).Texts);
        signedIn.ForEach(browser => browser.Dispose());
    }

    private static async Task<Browser?> TrySignInAsync(Village village)
    {
        try
        {
            return await village.NewBrowserOfAsync("alice");
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
