// snippet: route-messages
using P2P.Pastry;
// end of snippet

namespace Architecture.Tests.Snippets;

internal static class RouteMessages
{
    public static async Task RunAsync()
    {
        // snippet: route-messages
        var endpoint = new PastryEndpoint("example.org/greetings");
        await using var node = await PastryNode.StartAsync(new()
        {
            Bootstraps = { NodeAddress.Parse("node.example:4000") },
            Modules = { endpoint },
        });
        await node.WhenReadyAsync();

        await endpoint.RouteAsync(NodeId.FromText("somebody"), "hello"u8.ToArray());
        await foreach (var delivery in endpoint.DeliveriesAsync())
        {
            Console.WriteLine($"{delivery.Payload.Length} bytes for {delivery.Key} after {delivery.Hops} hops");
        }
        // end of snippet
    }
}
