using System.Text;
using P2P.Pastry;

namespace Consumer.Overlay;

public sealed class EndpointTests
{
    [Fact]
    public async Task Whoever_is_closest_to_a_key_is_asked_and_answers()
    {
        using var patience = new Patience();
        await using var ring = await Ring<PastryEndpoint>.StartAsync(3, () => new PastryEndpoint("example.org/greetings"), patience);
        var (asking, asked) = (ring.Modules[0], ring.Modules[2]);

        // A node's own id is a key to which nobody is closer.
        await asking.RouteAsync(asked.Self.Id, Encoding.UTF8.GetBytes("who are you?"), RouteOptions.WithOrigin, patience);
        var question = await asked.DeliveriesAsync(patience).FirstAsync(patience);
        Assert.Equal(asking.Self, question.Origin);
        await asked.SendAsync(question.Origin!, Encoding.UTF8.GetBytes("the third"), patience);

        var answer = await asking.DeliveriesAsync(patience).FirstAsync(patience);
        Assert.Equal(DeliveryKind.Direct, answer.Kind);
        Assert.Equal(asked.Self, answer.From);
        Assert.Equal("the third", Encoding.UTF8.GetString(answer.Payload.Span));
    }

    [Fact]
    public async Task Nodes_open_streams_to_each_other()
    {
        using var patience = new Patience();
        await using var ring = await Ring<PastryEndpoint>.StartAsync(2, () => new PastryEndpoint("example.org/bulk"), patience);
        await using var sent = await ring.Modules[0].OpenStreamAsync(ring.Modules[1].Self, patience);
        await sent.Output.WriteAsync(new byte[100_000], patience);
        await sent.Output.CompleteAsync();

        await using var received = await ring.Modules[1].StreamsAsync(patience).FirstAsync(patience);
        using var content = new MemoryStream();
        await received.Input.CopyToAsync(content, patience);
        Assert.Equal((100_000, ring.Modules[0].Self), (content.Length, received.Peer));
    }
}
