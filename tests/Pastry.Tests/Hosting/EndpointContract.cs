using System.Text;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Pastry.Tests.Hosting;

/// <summary>Holds for endpoints on every sort of node.</summary>
public abstract class EndpointContract
{
    private const string Name = "tests/endpoint";

    /// <summary>Is a ring of one sort of nodes.</summary>
    protected interface IRing
    {
        /// <summary>Starts a node with these endpoints, and waits until it takes part in the ring.</summary>
        Task<NodeHandle> StartAsync(params PastryEndpoint[] endpoints);

        /// <summary>Stops a node.</summary>
        Task StopAsync(NodeHandle node);
    }

    [Fact]
    public Task Messages_are_delivered_where_they_are_routed_or_sent() => RunAsync(async ring =>
    {
        var (near, far) = (new PastryEndpoint(Name), new PastryEndpoint(Name));
        var self = await ring.StartAsync(near);
        var other = await ring.StartAsync(far);

        await near.RouteAsync(other.Id, Bytes("routed"));
        var routed = await NextAsync(far);
        Assert.Equal((other.Id, 1, "routed"), (routed.Key, routed.Hops, Text(routed)));

        await near.SendAsync(other, Bytes("sent"));
        var sent = await NextAsync(far);
        Assert.Equal((other.Id, 1, "sent"), (sent.Key, sent.Hops, Text(sent)));
        Assert.Equal(self, sent.From);

        await near.SendAsync(self, Bytes("sent to itself"));
        Assert.Equal((self, "sent to itself"), (await NextAsync(near)) is var alone ? (alone.From, Text(alone)) : default);
        await near.RouteAsync(self.Id, Bytes("to itself"));
        var own = await NextAsync(near);
        Assert.Equal((self.Id, 0, "to itself"), (own.Key, own.Hops, Text(own)));
    });

    [Fact]
    public Task Messages_are_confirmed_by_who_takes_them() => RunAsync(async ring =>
    {
        var near = new PastryEndpoint(Name);
        var far = new PastryEndpoint(Name) { Forward = (ref ForwardedMessage message) => Encoding.UTF8.GetString(message.Payload.Span) != "stop" };
        var self = await ring.StartAsync(near);
        var other = await ring.StartAsync(far);

        Assert.Equal(new RouteOutcome.Taken(other), await near.RouteConfirmedAsync(other.Id, Bytes("routed")));
        var routed = await NextAsync(far);
        Assert.Equal((self, "routed"), (routed.Origin, Text(routed)));
        Assert.Equal(new RouteOutcome.Taken(other), await near.RouteConfirmedAsync(other.Id, Bytes("stop")));
        Assert.Equal(new RouteOutcome.Taken(self), await near.RouteConfirmedAsync(self.Id, Bytes("to itself")));
        Assert.Equal("to itself", Text(await NextAsync(near)));
    });

    [Fact]
    public Task Waiting_for_a_confirmation_ends_with_the_node_or_when_it_is_given_up() => RunAsync(async ring =>
    {
        var (near, far) = (new PastryEndpoint(Name), new PastryEndpoint("tests/another"));
        var self = await ring.StartAsync(near);
        var other = await ring.StartAsync(far);

        var waiting = near.RouteConfirmedAsync(other.Id, Bytes("nobody takes it")).AsTask();
        using var givenUp = new CancellationTokenSource();
        givenUp.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => near.RouteConfirmedAsync(other.Id, Bytes("nobody waits for it"), cancellationToken: givenUp.Token).AsTask());
        await ring.StopAsync(self);
        await Assert.ThrowsAsync<PastryException>(() => waiting);
        await Assert.ThrowsAsync<PastryException>(() => near.RouteConfirmedAsync(other.Id, Bytes("too late")).AsTask());
    });

    [Fact]
    public Task Beyond_the_bound_the_newest_delivery_is_dropped_and_counted() => RunAsync(async ring =>
    {
        var (near, nearMarker) = (new PastryEndpoint(Name), new PastryEndpoint("tests/marker"));
        var (far, farMarker) = (new PastryEndpoint(Name, capacity: 2), new PastryEndpoint("tests/marker"));
        await ring.StartAsync(near, nearMarker);
        var other = await ring.StartAsync(far, farMarker);
        for (var i = 0; i < 5; i++)
        {
            await near.SendAsync(other, Bytes($"{i}"));
        }

        await nearMarker.SendAsync(other, Bytes("all are there"));
        await NextAsync(farMarker);
        Assert.Equal(3, far.DroppedCount);
        Assert.Equal("0", Text(await NextAsync(far)));
        Assert.Equal("1", Text(await NextAsync(far)));

        await near.SendAsync(other, Bytes("5"));
        Assert.Equal("5", Text(await NextAsync(far)));
        Assert.Equal(3, far.DroppedCount);
    });

    [Fact]
    public Task Messages_on_their_way_are_seen_changed_and_stopped() => RunAsync(async ring =>
    {
        var seen = new List<(NodeHandle? NextHop, int Hops)>();
        var near = new PastryEndpoint(Name)
        {
            Forward = (ref ForwardedMessage message) =>
            {
                var text = Encoding.UTF8.GetString(message.Payload.Span);
                seen.Add((message.NextHop, message.Hops));
                message.Payload = Payload.FromBytes(Bytes($"{text}, changed"));
                return text != "stop";
            },
        };
        var far = new PastryEndpoint(Name);
        await ring.StartAsync(near);
        var other = await ring.StartAsync(far);

        await near.RouteAsync(other.Id, Bytes("stop"));
        await near.RouteAsync(other.Id, Bytes("go on"));

        Assert.Equal("go on, changed", Text(await NextAsync(far)));
        Assert.Equal([(other, 0), (other, 0)], seen);
    });

    [Fact]
    public Task Streams_carry_bytes_both_ways() => RunAsync(async ring =>
    {
        var (near, far) = (new PastryEndpoint(Name), new PastryEndpoint(Name));
        await ring.StartAsync(near);
        var other = await ring.StartAsync(far);

        await using var opened = await near.OpenStreamAsync(other);
        await using var accepted = await NextStreamAsync(far);
        await opened.Output.WriteAsync(Bytes("ping"));
        Assert.Equal("ping", await ReadAsync(accepted));
        await accepted.Output.WriteAsync(Bytes("pong"));
        Assert.Equal("pong", await ReadAsync(opened));
    });

    [Fact]
    public Task Beyond_the_bound_the_newest_stream_is_closed_and_counted() => RunAsync(async ring =>
    {
        var (near, far) = (new PastryEndpoint(Name), new PastryEndpoint(Name, streamCapacity: 1));
        await ring.StartAsync(near);
        var other = await ring.StartAsync(far);

        await using var first = await near.OpenStreamAsync(other);
        await using var second = await near.OpenStreamAsync(other);
        await Task.WhenAny(EndsAsync(first), EndsAsync(second));

        Assert.Equal(1, far.RefusedStreamCount);
        await using var accepted = await NextStreamAsync(far);
        await using var third = await near.OpenStreamAsync(other);
        await using var next = await NextStreamAsync(far);
        Assert.Equal(1, far.RefusedStreamCount);
    });

    [Fact]
    public Task Sequences_end_with_the_node() => RunAsync(async ring =>
    {
        var (near, far) = (new PastryEndpoint(Name), new PastryEndpoint(Name));
        await ring.StartAsync(near);
        var other = await ring.StartAsync(far);
        await near.SendAsync(other, Bytes("read"));
        await NextAsync(far);
        var streams = CountAsync(far.StreamsAsync());
        var deliveries = CountAsync(far.DeliveriesAsync());

        await ring.StopAsync(other);
        Assert.Equal(0, await deliveries);
        Assert.Equal(0, await streams);
        await Assert.ThrowsAsync<PastryException>(() => far.SendAsync(other, Bytes("late")).AsTask());
    });

    [Fact]
    public async Task Endpoint_that_belongs_to_no_node_says_so()
    {
        var endpoint = new PastryEndpoint(Name);
        Assert.Throws<InvalidOperationException>(() => endpoint.DeliveriesAsync());
        Assert.Throws<InvalidOperationException>(() => endpoint.StreamsAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => endpoint.RouteAsync(default, Bytes("nowhere")).AsTask());
    }

    protected abstract Task RunAsync(Func<IRing, Task> program);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(in Delivery delivery) => Encoding.UTF8.GetString(delivery.Payload.Span);

    private static Task<Delivery> NextAsync(PastryEndpoint endpoint) => FirstAsync(endpoint.DeliveriesAsync());

    private static Task<TransportStream> NextStreamAsync(PastryEndpoint endpoint) => FirstAsync(endpoint.StreamsAsync());

    private static async Task<T> FirstAsync<T>(IAsyncEnumerable<T> sequence)
    {
        await foreach (var item in sequence.ConfigureAwait(false))
        {
            return item;
        }

        throw new InvalidOperationException("The sequence has ended.");
    }

    private static async Task<int> CountAsync<T>(IAsyncEnumerable<T> sequence)
    {
        var count = 0;
        await foreach (var item in sequence.ConfigureAwait(false))
        {
            count++;
        }

        return count;
    }

    private static async Task<string> ReadAsync(TransportStream stream)
    {
        var read = await stream.Input.ReadAsync().ConfigureAwait(false);
        var text = Encoding.UTF8.GetString(read.Buffer.FirstSpan);
        stream.Input.AdvanceTo(read.Buffer.End);
        return text;
    }

    private static async Task EndsAsync(TransportStream stream)
    {
        try
        {
            await stream.Input.ReadAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            // The other end closed it, or this test has ended.
        }
    }
}
