using System.Text;
using P2P.Pastry;

namespace NativeSmoke;

/// <summary>Asks whoever is closest to a key, through sockets and certificates.</summary>
internal static class RoutingStep
{
    public static async Task RunAsync(Workplace workplace)
    {
        var endpoints = Enumerable.Range(0, 3).Select(_ => new PastryEndpoint("example.org/greetings")).ToList();
        await using var first = await workplace.StartNodeAsync(endpoints[0]);
        await using var second = await workplace.StartNodeAsync(endpoints[1], first);
        await using var third = await workplace.StartNodeAsync(endpoints[2], first);

        // A node's own id is a key to which nobody is closer.
        await endpoints[0].RouteAsync(third.Handle.Id, Encoding.UTF8.GetBytes("who are you?"), RouteOptions.WithOrigin, workplace.Limit);
        var question = await endpoints[2].DeliveriesAsync(workplace.Limit).FirstAsync(workplace.Limit);
        await endpoints[2].SendAsync(question.Origin!, Encoding.UTF8.GetBytes("the third"), workplace.Limit);
        var answer = await endpoints[0].DeliveriesAsync(workplace.Limit).FirstAsync(workplace.Limit);
        Claims.Hold(Encoding.UTF8.GetString(answer.Payload.Span) == "the third");
        Claims.Hold(answer.From!.Equals(third.Handle));
    }
}
