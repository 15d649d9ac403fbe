using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using P2P.Bloom;
using P2P.Pastry;
using P2P.Scribe;
using P2P.YouSearch;
using P2P.YouServ;
using P2P.YouServ.Dns;

namespace Architecture.Tests.Snippets;

/// <summary>Each package in a few lines, as README shows them.</summary>
public sealed class InShort
{
    [Fact]
    public void Bloom()
    {
        // snippet: bloom-in-short
        var mine = BloomFilter.ForCapacity(100_000, falsePositiveRate: 0.01);
        mine.Add("apple");
        byte[] message = mine.ToBytes(); // 120 KB for a hundred thousand words

        var theirs = BloomFormat.Read<BloomFilter>(message);
        Console.WriteLine($"{theirs.MayContain("apple")}, {theirs.MayContain("quince")}"); // "no" is certain, "yes" wrong once in a hundred
        // end of snippet
        Assert.Equal((true, false), (theirs.MayContain("apple"), theirs.MayContain("quince")));
    }

    [Fact]
    public async Task Pastry()
    {
        // snippet: pastry-in-short
        var endpoint = new PastryEndpoint("example.org/greetings");
        await using var node = await PastryNode.StartAsync(new() { Modules = { endpoint } }); // with Bootstraps = { … } it joins a ring that is there
        await node.WhenReadyAsync();

        await endpoint.RouteAsync(NodeId.FromText("somebody"), Encoding.UTF8.GetBytes("hello"));
        await foreach (var delivery in endpoint.DeliveriesAsync())
        {
            Console.WriteLine($"{Encoding.UTF8.GetString(delivery.Payload.Span)}, after {delivery.Hops} hops");
            break;
        }
        // end of snippet
    }

    [Fact]
    public async Task Scribe()
    {
        using var creator = SigningKey.Create();
        // snippet: scribe-in-short
        var scribe = new ScribeNode();
        await using var node = await PastryNode.StartAsync(new() { Modules = { scribe } });
        await node.WhenReadyAsync();

        // Whoever has the creator's key may begin the group; everybody may join it.
        if (await scribe.JoinOrCreateAsync("chat", creator) is JoinResult.Joined { Group: var group })
        {
            await group.PublishAsync(Encoding.UTF8.GetBytes("Hello, everybody."));
            await foreach (var happened in group.EventsAsync())
            {
                if (happened is GroupEvent.Received { Message: var message })
                {
                    Console.WriteLine($"{message.Author:s}: {Encoding.UTF8.GetString(message.Content.Span)}");
                    break;
                }
            }
        }
        // end of snippet
    }

    internal static async Task CoordinateAsync()
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

    internal static async Task ServeAsync(string password)
    {
        // snippet: peer-in-short
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("https://0.0.0.0:8443");
        builder.Services.AddYouServPeer(options =>
        {
            options.Coordinators.Add(new("https://userv.example"));
            (options.Folder, options.StateFolder) = ("my site", "my state");
        });
        builder.Services.AddYouSearch();

        var peer = builder.Build();
        peer.UseYouServPeer();
        await peer.StartAsync();
        await peer.Services.GetRequiredService<YouServPeer>().SignInAsync("joe@example.org", password); // once; joe.userv.example leads here now
        // end of snippet
    }

    internal static async Task SearchAsync(YouSearchPeer search)
    {
        // snippet: search-in-short
        await foreach (var results in search.SearchAsync("umbrella \"red or blue\" type:pdf"))
        {
            foreach (var hit in results.Hits)
            {
                Console.WriteLine($"{hit.Title} at {hit.Url}: {hit.Snippet.Text}");
            }
        }
        // end of snippet
    }
}
