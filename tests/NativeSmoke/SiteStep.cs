using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using P2P.YouSearch;
using P2P.YouServ;
using P2P.YouServ.Dns;

namespace NativeSmoke;

/// <summary>Runs a coordinator with its server of DNS and its registrar, and a peer; a visitor reads what everyone may, and it is found by its words.</summary>
internal static class SiteStep
{
    private const string Zone = "native.localhost";
    private const string Password = "open sesame";
    private const string Notes = "<!DOCTYPE html><title>Plans</title><p>A <b>red</b> umbrella.";

    public static async Task RunAsync(Workplace workplace)
    {
        await using var store = await SqliteCoordinatorStore.OpenAsync(workplace.PathOf("coordinator.db"), cancellationToken: workplace.Limit);
        await new LocalAccounts(store).SetAsync(UserId.Parse("joe@example.org"), Password, "Joe", cancellationToken: workplace.Limit);
        var nameServer = DnsName.Parse($"ns.{Zone}");
        await using var dns = await DnsServer.StartAsync(
            new()
            {
                Zone = DnsName.Parse(Zone),
                NameServers = [nameServer],
                Endpoints = [new(IPAddress.Loopback, 0)],
                Records = [DnsRecordSet.OfAddresses(nameServer, IPAddress.Loopback)],
            },
            workplace.Limit);

        await using var coordinator = await StartCoordinatorAsync(store, dns, workplace);
        await using var site = await StartPeerAsync(new Uri(coordinator.Urls.First()), workplace);
        var peer = site.Services.GetRequiredService<YouServPeer>();
        await peer.SignInAsync("joe@example.org", Password, workplace.Limit);
        await peer.WhenAsync(PeerState.Serving, workplace.Limit);
        await peer.SetRuleAsync(new() { Path = SitePath.Root, Audience = Audience.Everyone }, workplace.Limit);
        await File.WriteAllTextAsync(Path.Combine(workplace.PathOf("site"), "notes.html"), Notes, workplace.Limit);

        using var visitor = new HttpClient(peer.CreateSiteHandler());
        using var request = SiteAddresses.CreateRequest(HttpMethod.Get, new Uri(peer.Status.Url!, "notes.html"), peer.Status.Addresses);
        using var response = await visitor.SendAsync(request, workplace.Limit);
        Claims.Hold(await response.Content.ReadAsStringAsync(workplace.Limit) == Notes);

        var search = site.Services.GetRequiredService<YouSearchPeer>();
        await search.WhenFoundAsync(workplace.Limit);
        var results = await search.FindAsync("\"red umbrella\" type:html", cancellationToken: workplace.Limit);
        Claims.Hold(results.Hits is [{ Title: "Plans" }]);
    }

    private static async Task<WebApplication> StartCoordinatorAsync(ICoordinatorStore store, IDnsPublisher dns, Workplace workplace)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(store);
        builder.Services.AddSingleton(dns);
        builder.Services.AddYouServCoordinator(options =>
        {
            options.Zone = Zone;
            options.PeerNetworks.Add(IPNetwork.Parse("127.0.0.0/8"));
        });
        builder.Services.AddYouSearchRegistrar();
        var application = Build(builder);
        application.MapYouServCoordinator();
        application.MapYouSearchRegistrar();
        await application.StartAsync(workplace.Limit);
        return application;
    }

    private static async Task<WebApplication> StartPeerAsync(Uri coordinator, Workplace workplace)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddYouServPeer(options =>
        {
            options.Coordinators.Add(coordinator);
            options.Folder = workplace.PathOf("site");
            options.StateFolder = workplace.PathOf("state");
            options.Addresses.Add(IPAddress.Loopback);
        });
        builder.Services.AddYouSearch();
        var application = Build(builder);
        application.UseYouServPeer();
        await application.StartAsync(workplace.Limit);
        return application;
    }

    private static WebApplication Build(WebApplicationBuilder builder)
    {
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build();
    }
}
