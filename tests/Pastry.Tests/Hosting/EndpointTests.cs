using System.Text;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Pastry.Tests.Hosting;

/// <summary>What users of an endpoint can do with what arrives, and what they are told.</summary>
public sealed class EndpointTests : IDisposable
{
    private readonly InMemoryNetwork _network = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));

    private CancellationToken Limit => _limit.Token;

    public void Dispose() => _limit.Dispose();

    [Fact]
    public async Task Routed_request_is_answered_directly()
    {
        var (asking, answering) = (new PastryEndpoint("tests/greetings"), new PastryEndpoint("tests/greetings"));
        await using var first = await StartAsync(asking);
        await using var second = await StartAsync(answering, first);
        await answering.WhenReadyAsync(Limit);

        await asking.RouteAsync(answering.Self.Id, "who are you?"u8.ToArray(), RouteOptions.WithOrigin, Limit);
        var request = await NextAsync(answering);
        Assert.Equal((DeliveryKind.Routed, asking.Self, null, answering.Self.Id), (request.Kind, request.Origin, request.From, request.Key));
        await answering.SendAsync(request.Origin!, "somebody"u8.ToArray(), Limit);
        var reply = await NextAsync(asking);
        Assert.Equal((DeliveryKind.Direct, null, answering.Self), (reply.Kind, reply.Origin, reply.From));
        Assert.Equal("somebody", Encoding.UTF8.GetString(reply.Payload.Span));
    }

    [Fact]
    public async Task Origin_is_named_only_where_it_is_asked_for()
    {
        var endpoint = new PastryEndpoint("tests/greetings");
        await using var node = await StartAsync(endpoint);
        await endpoint.RouteAsync(node.Handle.Id, default, cancellationToken: Limit);
        Assert.Null((await NextAsync(endpoint)).Origin);
    }

    [Fact]
    public async Task Endpoint_tells_of_its_node_what_users_need()
    {
        var endpoint = new PastryEndpoint("tests/greetings");
        Assert.Throws<InvalidOperationException>(() => endpoint.Self);
        Assert.Throws<InvalidOperationException>(() => endpoint.IsReady);
        await using (var node = await StartAsync(endpoint))
        {
            await endpoint.WhenReadyAsync(Limit);
            Assert.True(endpoint.IsReady);
            Assert.Equal(node.Handle, endpoint.Self);
            Assert.Equal([node.Handle], await endpoint.ReplicaSetAsync(new NodeId(1), 3, Limit));
            await Assert.ThrowsAsync<ArgumentException>(() => endpoint.RouteAsync(new NodeId(1), new byte[Payload.LengthMax + 1], cancellationToken: Limit).AsTask());
            await Assert.ThrowsAsync<ArgumentException>(() => endpoint.SendAsync(node.Handle, new byte[Payload.LengthMax + 1], Limit).AsTask());
        }

        await Assert.ThrowsAsync<PastryException>(() => endpoint.RouteAsync(new NodeId(1), default, cancellationToken: Limit).AsTask());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Node_that_is_set_up_for_another_ring_says_so_and_stops(int bootstraps)
    {
        var members = new List<PastryNode>();
        for (var i = 0; i < bootstraps; i++)
        {
            members.Add(await StartAsync(new PastryEndpoint("tests/greetings"), [.. members]));
            await members[^1].WhenReadyAsync(Limit);
        }

        var options = new PastryNodeOptions
        {
            Transport = _network.CreateTransport,
            Protocol = new PastryOptions { BitsPerDigit = 2, LeafSetSize = 16, JoinTimeout = TimeSpan.FromSeconds(1) },
        };
        members.ForEach(member => options.Bootstraps.Add(member.Handle.Address));
        await using var node = await PastryNode.StartAsync(options, Limit);

        const string Difference = "The node can't join the ring. This ring uses BitsPerDigit 4; this node is set to 2. This ring uses LeafSetSize 32; this node is set to 16.";
        Assert.Equal(Difference, (await Assert.ThrowsAsync<PastryException>(() => node.WhenReadyAsync(Limit).AsTask())).Message);
        Assert.Equal(Difference, (await Assert.ThrowsAsync<PastryException>(() => node.Completion.WaitAsync(Limit))).Message);
        foreach (var member in members)
        {
            await member.DisposeAsync();
        }
    }

    private ValueTask<PastryNode> StartAsync(PastryEndpoint endpoint, params PastryNode[] bootstraps)
    {
        var options = new PastryNodeOptions { Transport = _network.CreateTransport, Modules = { endpoint } };
        Array.ForEach(bootstraps, node => options.Bootstraps.Add(node.Handle.Address));
        return PastryNode.StartAsync(options, Limit);
    }

    private async Task<Delivery> NextAsync(PastryEndpoint endpoint)
    {
        await foreach (var delivery in endpoint.DeliveriesAsync(Limit))
        {
            return delivery;
        }

        throw new InvalidOperationException("The endpoint has ended.");
    }
}
