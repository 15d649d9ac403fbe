// snippet: pastry-in-short
using System.Text;
using P2P.Pastry;
// end of snippet

namespace Architecture.Tests.Snippets.InShort;

/// <summary>The package in a few lines, as README shows it.</summary>
public sealed class PastryInShort
{
    [Fact]
    public async Task It_runs()
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
}
