using P2P.YouServ;
using YouServ.Tests.Dns;
using YouServ.Tests.Storage;

namespace YouServ.Tests.Sites;

public sealed class RestartTests(PostgresServer server) : IClassFixture<PostgresServer>
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

    [SkippableFact]
    public async Task Of_two_coordinators_over_one_database_one_is_killed_and_nobody_notices()
    {
        using var patience = new CancellationTokenSource(Patience);
        var database = await server.CreateDatabaseAsync();
        await using var first = new CoordinatorProcess(database);
        await using var second = new CoordinatorProcess(database);
        foreach (var user in (string[])["joe", "alice"])
        {
            await first.AddUserAsync($"{user}@example.org", $"{user}'s password", patience.Token);
        }

        await first.StartAsync(patience.Token);
        await second.StartAsync(patience.Token);
        await using var village = Village.At(first.Url);
        var (joe, folder) = await village.AddPeerAsync("joe", options: options => options.Coordinators.Add(second.Url));
        var site = joe.Status.Url!.GetLeftPart(UriPartial.Authority);
        await File.WriteAllTextAsync(Path.Combine(folder, "notes.txt"), "joe's notes", patience.Token);
        await joe.SetRuleAsync(new() { Path = SitePath.Root, Audience = Audience.SignedIn }, patience.Token);

        // The first dies while people sign in at it: those who were told that they are, are at the second too.
        var attempts = Enumerable.Range(0, 4).Select(_ => TrySignInAsync(village)).ToList();
        await Task.WhenAny(attempts);
        await first.KillAsync(patience.Token);
        var signedIn = (await Task.WhenAll(attempts)).OfType<Browser>().ToList();
        Assert.NotEmpty(signedIn);
        foreach (var browser in signedIn)
        {
            Assert.Contains("Everyone’s sites", (await browser.GetAsync(second.Url.ToString())).Text, StringComparison.Ordinal);
        }

        // The name is still there, and still joe's to give back, at the one that is left.
        Assert.Equal(["127.0.0.1"], (await TestQuery.AskAsync(second.Dns, joe.Status.Host, TestQuery.A)).Texts);
        Assert.Equal("joe's notes", (await ReadAsAliceAsync(second, site)).Text);
        await joe.SignOutAsync(patience.Token);
        Assert.Empty((await TestQuery.AskAsync(second.Dns, $"joe.{Village.Zone}", TestQuery.A)).Texts);
        signedIn.ForEach(browser => browser.Dispose());
    }

    /// <summary>Visits a site that has its visitors sign in at a coordinator that is gone: whoever answers for that address now does as well.</summary>
    private static async Task<Page> ReadAsAliceAsync(CoordinatorProcess coordinator, string site)
    {
        using var alice = await Village.At(coordinator.Url).NewBrowserOfAsync("alice");
        var asked = (await alice.GetAsync($"{site}/notes.txt", follow: false)).Redirect!;
        return await alice.GetAsync(new UriBuilder(asked) { Port = coordinator.Url.Port }.Uri.ToString());
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
