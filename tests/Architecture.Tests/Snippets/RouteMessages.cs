// snippet: route-messages
using System.Text;
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

        await endpoint.RouteAsync(NodeId.FromText("somebody"), "who are you?"u8.ToArray(), RouteOptions.WithOrigin);
        await foreach (var delivery in endpoint.DeliveriesAsync())
        {
            Console.WriteLine($"{delivery.Kind}: {Encoding.UTF8.GetString(delivery.Payload.Span)}");
            if (delivery.Origin is { } asking)
            {
                await endpoint.SendAsync(asking, Encoding.UTF8.GetBytes($"I am {endpoint.Self}, {delivery.Hops} hops away"));
            }
        }
        // end of snippet
    }
}
