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

    [Theory]
    [InlineData(0, 1, null)]
    [InlineData(1, 0, null)]
    [InlineData(1, 1025, null)]
    [InlineData(1, 1, 65_535L)]
    public async Task A_proxy_whose_limits_allow_nothing_does_not_start(int sites, int connections, long? bytesPerSecond)
    {
        var builder = NewBuilder();
        builder.Services.AddYouServPeer(options =>
        {
            options.Coordinators.Add(new("http://127.0.0.1:9"));
            options.Folder = _folder.In("site");
            options.StateFolder = _folder.In("state");
            options.ProxyLimits = new() { SitesMax = sites, ConnectionsPerSiteMax = connections, BytesPerSecondMax = bytesPerSecond };
        });
        await using var application = builder.Build();
        application.UseYouServPeer();
        var failure = await Assert.ThrowsAsync<YouServException>(() => application.StartAsync());
        Assert.Contains("ProxyLimits", failure.Message, StringComparison.Ordinal);
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

    [Theory]
    [InlineData(null, "127.0.0.1,127.0.0.2")]
    [InlineData("search", "")]
    public async Task A_peer_that_cannot_work_as_it_is_set_up_does_not_start(string? prefix, string addresses)
    {
        var builder = NewBuilder();
        builder.Services.AddYouServPeer(options =>
        {
            options.Coordinators.Add(new("http://127.0.0.1:9"));
            options.Folder = _folder.In("site");
            options.StateFolder = _folder.In("state");
            foreach (var address in addresses.Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                options.Addresses.Add(IPAddress.Parse(address));
            }
        });
        if (prefix is not null)
        {
            builder.Services.AddSingleton<IYouServPlugin>(new SilentPlugin(prefix));
        }

        await using var application = builder.Build();
        application.UseYouServPeer();
        await Assert.ThrowsAsync<YouServException>(() => application.StartAsync());
    }

    [Theory]
    [InlineData("peer/sign-in", "{\"user\":\"joe@example.org\",\"password\":\"joe's password\",\"device\":null}")]
    [InlineData("peer/sign-in", "{\"user\":null,\"password\":null}")]
    [InlineData("peer/sign-in", "null")]
    public async Task What_is_null_and_must_not_be_is_no_request(string path, string json)
    {
        await using var village = await Village.StartAsync();
        using var client = new HttpClient { BaseAddress = new UriBuilder(village.Coordinator) { Host = "127.0.0.1" }.Uri };
        using var body = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync($"/api/v1/{path}", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static WebApplicationBuilder NewBuilder()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<LoggerFilterOptions>(options => options.MinLevel = LogLevel.Critical);
        return builder;
    }

    private sealed class SilentPlugin(string prefix) : IYouServPlugin
    {
        public string PathPrefix => prefix;

        public ValueTask<bool> TryHandleAsync(HttpContext context, ServedSite site, Visitor visitor) => new(false);
    }
}
