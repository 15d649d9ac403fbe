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
        // Two nodes: the first starts a ring, the second joins it, as it would from another machine.
        var (alice, bob) = (new PastryEndpoint("example.org/greetings"), new PastryEndpoint("example.org/greetings"));
        await using var first = await PastryNode.StartAsync(new() { Modules = { alice } });
        await using var second = await PastryNode.StartAsync(new() { Modules = { bob }, Bootstraps = { first.Handle.Address } });
        await second.WhenReadyAsync();

        // A question for a key reaches whoever is closest to it. To her own id nobody is closer than Alice.
        await bob.RouteAsync(alice.Self.Id, "who are you?"u8.ToArray(), RouteOptions.WithOrigin);
        await foreach (var question in alice.DeliveriesAsync())
        {
            Console.WriteLine($"{question.Kind}: {Encoding.UTF8.GetString(question.Payload.Span)}");
            await alice.SendAsync(question.Origin!, Encoding.UTF8.GetBytes($"I am {alice.Self}, {question.Hops} hops away"));
            break;
        }

        await foreach (var answer in bob.DeliveriesAsync())
        {
            Console.WriteLine($"{answer.Kind}: {Encoding.UTF8.GetString(answer.Payload.Span)}");
            break;
        }
        // end of snippet
    }
}
