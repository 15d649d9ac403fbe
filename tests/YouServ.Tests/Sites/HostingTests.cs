using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using P2P.YouServ;
using P2P.YouServ.Dns;
using YouServ.Tests.Coordination;

namespace YouServ.Tests.Sites;

/// <summary>Coordinators and peers as parts of applications of ASP.NET Core.</summary>
public sealed class HostingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_coordinator_stops_with_its_host()
    {
        await using var store = await SqliteCoordinatorStore.OpenAsync(_folder.In("coordinator.db"));
        await new LocalAccounts(store).SetAsync(UserId.Parse("joe@example.org"), "joe's password");
        var builder = NewBuilder();
        builder.Services.AddSingleton<ICoordinatorStore>(store).AddSingleton<IDnsPublisher>(new MemoryDns()).AddSingleton<IPeerProbe>(new ChosenProbe());
        builder.Services.AddYouServCoordinator(options => options.Zone = "userv.example");
        await using var application = builder.Build();
        application.MapYouServCoordinator();
        await application.StartAsync();
        var coordinator = application.Services.GetRequiredService<YouServCoordinator>();
        var signedIn = (SignInResult.SignedIn)await coordinator.SignInAsync("joe@example.org", "joe's password", SessionKind.Peer, "", IPAddress.Loopback);

        await application.StopAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await coordinator.GrantLeaseAsync(signedIn.Session, [], 8080, false, IPAddress.Loopback));
        Assert.Null((await store.FindSiteAsync(signedIn.Site.Name))!.Lease);
    }

    [Fact]
    public async Task Endpoints_of_the_peers_application_answer_beside_the_site()
    {
        var builder = NewBuilder();
        builder.Services.AddYouServPeer(options =>
        {
            options.Coordinators.Add(new("http://127.0.0.1:9"));
            options.Folder = _folder.In("site");
            options.StateFolder = _folder.In("state");
        });
        await using var application = builder.Build();
        application.UseYouServPeer();
        application.MapGet("/alive", () => "alive");
        await application.StartAsync();
        using var browser = new HttpClient { BaseAddress = new(application.Urls.First()) };
        Assert.Equal("alive", await browser.GetStringAsync("/alive"));

        // Nobody has signed in at the peer yet.
        using var site = await browser.GetAsync("/");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, site.StatusCode);
    }

    private static WebApplicationBuilder NewBuilder()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<LoggerFilterOptions>(options => options.MinLevel = LogLevel.Critical);
        return builder;
    }
}
