// snippet: coordinator-in-short
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using P2P.YouServ;
using P2P.YouServ.Dns;
// end of snippet

namespace Architecture.Tests.Snippets.InShort;

/// <summary>The package in a few lines, as README shows it.</summary>
internal static class CoordinatorInShort
{
    public static async Task RunAsync()
    {
        // snippet: coordinator-in-short
        var builder = WebApplication.CreateBuilder();
        builder.Services.AddSingleton<ICoordinatorStore>(await SqliteCoordinatorStore.OpenAsync("coordinator.db"));
        builder.Services.AddSingleton<IDnsPublisher>(await DnsServer.StartAsync(new()
        {
            Zone = DnsName.Parse("userv.example"),
            NameServers = [DnsName.Parse("ns.example.org")],
        }));
        builder.Services.AddYouServCoordinator(options => (options.Zone, options.PublicUrl) = ("userv.example", new("https://userv.example")));
        builder.Services.AddYouSearchRegistrar();

        var coordinator = builder.Build();
        coordinator.MapYouServCoordinator();
        coordinator.MapYouSearchRegistrar();
        await coordinator.RunAsync("https://0.0.0.0:443"); // its certificates it issues itself
        // end of snippet
    }
}
