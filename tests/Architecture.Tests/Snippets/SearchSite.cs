// snippet: search-site
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using P2P.YouSearch;
using P2P.YouServ;
using P2P.YouServ.Dns;
// end of snippet

namespace Architecture.Tests.Snippets;

internal static class SearchSite
{
    public static async Task RunAsync()
    {
        // snippet: search-site
        // Who may sign in, and what the coordinator must not forget; and a server of DNS that knows where sites are.
        await using var store = await SqliteCoordinatorStore.OpenAsync("data/coordinator.db");
        await new LocalAccounts(store).SetAsync(UserId.Parse("joe@example.org"), "open sesame", "Joe");
        await using var dns = await DnsServer.StartAsync(new()
        {
            Zone = DnsName.Parse("userv.localhost"),
            NameServers = [DnsName.Parse("ns.example.org")],
            Endpoints = [new(IPAddress.Loopback, 5300)],
        });

        // The coordinator, a part of an application of ASP.NET Core.
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:8080");
        builder.Services.AddSingleton<ICoordinatorStore>(store);
        builder.Services.AddSingleton<IDnsPublisher>(dns);
        builder.Services.AddYouServCoordinator(options =>
        {
            options.Zone = "userv.localhost";
            options.PeerNetworks.Add(IPNetwork.Parse("127.0.0.0/8")); // else no machine may say that it is there
        });
        builder.Services.AddYouSearchRegistrar();
        await using var coordinator = builder.Build();
        coordinator.MapYouServCoordinator();
        coordinator.MapYouSearchRegistrar();
        await coordinator.StartAsync();

        // Joe's machine, which serves a folder as his site.
        builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:8081");
        builder.Services.AddYouServPeer(options =>
        {
            options.Coordinators.Add(new Uri("http://127.0.0.1:8080"));
            options.Folder = "data/site";
            options.StateFolder = "data/state";
            options.Addresses.Add(IPAddress.Loopback); // else the one from which the coordinator sees it come
        });
        builder.Services.AddYouSearch();
        await using var site = builder.Build();
        site.UseYouServPeer();
        await site.StartAsync();

        var peer = site.Services.GetRequiredService<YouServPeer>();
        await peer.SignInAsync("joe@example.org", "open sesame");
        await peer.WhenAsync(PeerState.Serving);
        await peer.SetRuleAsync(new() { Path = SitePath.Root, Audience = Audience.Everyone });
        await File.WriteAllTextAsync("data/site/notes.txt", "A red umbrella.");

        var search = site.Services.GetRequiredService<YouSearchPeer>();
        await search.WhenFoundAsync();
        foreach (var hit in (await search.FindAsync("\"red umbrella\"")).Hits)
        {
            Console.WriteLine($"{hit.Title} at {hit.Url}: {hit.Snippet.Text}");
        }
        // end of snippet
    }
}
