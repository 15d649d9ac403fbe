using System.Diagnostics;
using P2P.Pastry;
using P2P.Pastry.Protocol;
using P2P.Pastry.Tests.Transport;
using P2P.Pastry.Transport;
using P2P.Pastry.Wire;

namespace Pastry.Tests.Hosting;

/// <summary>One message gives one trace, over all of its hops.</summary>
public sealed class TraceTests : IDisposable
{
    /// <summary>Leaf sets of two and digits of one bit, so that messages need several hops; and a patience that no pause of the machine exhausts.</summary>
    private static readonly PastryOptions ManyHops = new()
    {
        LeafSetSize = 2,
        BitsPerDigit = 1,
        HopTimeoutInitial = Patience.Long,
        HopAllowanceMin = Patience.Long,
        HopTimeoutMax = Patience.Long,
    };

    private readonly InMemoryNetwork _network = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));
    private readonly SpanRecorder _recorder = new();

    private CancellationToken Limit => _limit.Token;

    public void Dispose()
    {
        _recorder.Dispose();
        _limit.Dispose();
    }

    [Fact]
    public async Task Spans_of_a_message_form_one_chain_from_the_sender_to_the_key()
    {
        var endpoints = Enumerable.Range(0, 16).Select(_ => new PastryEndpoint("tests/traced")).ToArray();
        var nodes = new List<PastryNode>();
        foreach (var endpoint in endpoints)
        {
            nodes.Add(await StartAsync(endpoint, [.. nodes.Take(1)]));
            await nodes[^1].WhenReadyAsync(Limit);
        }

        Activity.Current = _recorder.Root;
        var hopsMax = 0;
        for (var to = 1; to < nodes.Count; to++)
        {
            await endpoints[0].RouteAsync(nodes[to].Handle.Id, new byte[1], cancellationToken: Limit);
            var delivery = await NextAsync(endpoints[to]);
            Assert.Same(_recorder.Root, Activity.Current);
            var spans = await _recorder.TakeAsync(delivery.Hops + 2, Limit);
            AssertChain(spans, nodes, delivery);
            hopsMax = Math.Max(hopsMax, delivery.Hops);
        }

        Assert.InRange(hopsMax, 2, Limits.Hops);
        foreach (var node in nodes)
        {
            await node.KillAsync();
        }
    }

    [Fact]
    public async Task Message_of_which_nobody_keeps_a_trace_carries_none()
    {
        var endpoint = new PastryEndpoint("tests/untraced");
        await using var node = await StartAsync(endpoint);
        using var unsampled = new Activity("unsampled").SetIdFormat(ActivityIdFormat.W3C).Start();

        await endpoint.RouteAsync(node.Handle.Id, new byte[1], cancellationToken: Limit);

        Assert.Equal(default, (await NextAsync(endpoint)).TraceContext);
        Assert.Empty(_recorder.Spans);
    }

    [Fact]
    public async Task What_an_application_routes_in_answer_to_a_traced_input_is_traced()
    {
        var module = new RoutingModule();
        await using var node = await PastryNode.StartAsync(new() { Transport = _network.CreateTransport, Modules = { module } }, Limit);
        await node.WhenReadyAsync(Limit);
        Activity.Current = _recorder.Root;

        await module.Port!.PostAsync(node.Handle.Id, Limit);

        var delivery = Assert.Single(await _recorder.TakeAsync(1, Limit));
        Assert.Equal(("p2p.pastry.deliver", _recorder.Root.SpanId), (delivery.OperationName, delivery.ParentSpanId));
    }

    [Fact]
    public void Traces_of_others_are_bounded_and_own_ones_are_not()
    {
        var tracer = new MessageTracer(Nodes.At(1), foreignPerSecond: 3);
        var now = new Instant(1);

        Assert.Equal(3, SpansOf(tracer, times: 10, hops: 1, now));
        Assert.Equal(10, SpansOf(tracer, times: 10, hops: 0, now));
        Assert.Equal(1, SpansOf(tracer, times: 10, hops: 1, now + TimeSpan.FromSeconds(0.4)));
        Assert.Equal(3, SpansOf(tracer, times: 10, hops: 1, now + TimeSpan.FromHours(1)));
    }

    [Fact]
    public void Hop_that_is_lost_is_an_error_and_the_next_one_begins_at_the_same_place()
    {
        var tracer = new MessageTracer(Nodes.At(1), foreignPerSecond: 10);
        var message = Traced(hops: 1) with { Sequence = 5 };

        tracer.Take(Sent(message), new Instant(1), default);
        var stamped = tracer.Stamp(message).Extension!.Trace;
        tracer.Take(Sent(message) with { Kind = ObservationKind.Lost }, new Instant(2), default);
        tracer.Take(Sent(message with { Sequence = 6 }), new Instant(2), default);
        tracer.End();

        var spans = _recorder.Spans;
        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Unset], spans.Select(span => span.Status));
        Assert.Equal(TraceContext.Of(spans[0]), stamped);
        Assert.All(spans, span => Assert.Equal(_recorder.Root.SpanId, span.ParentSpanId));
        Assert.Equal(message.Extension, tracer.Stamp(message).Extension);
    }

    private static void AssertChain(List<Activity> spans, List<PastryNode> nodes, Delivery delivery)
    {
        var route = spans.Single(span => span.OperationName == "p2p.pastry.route");
        var chain = new List<Activity> { route };
        while (spans.SingleOrDefault(span => span.ParentSpanId == chain[^1].SpanId) is { } child)
        {
            chain.Add(child);
        }

        Assert.Equal(spans.Count, chain.Count);
        Assert.Equal("p2p.pastry.deliver", chain[^1].OperationName);
        Assert.Equal(delivery.TraceContext.SpanId, chain[^1].ParentSpanId);
        Assert.Equal(delivery.Hops, chain[^1].GetTagItem("p2p.pastry.hops"));
        var hops = chain[1..^1];
        Assert.Equal(Enumerable.Range(0, delivery.Hops), hops.Select(hop => (int)hop.GetTagItem("p2p.pastry.hops")!));
        Assert.All(hops, hop => Assert.Equal(("p2p.pastry.hop", ActivityStatusCode.Ok), (hop.OperationName, hop.Status)));
        Assert.All(hops, hop => Assert.Contains(hop.GetTagItem("p2p.pastry.rule"), (string[])["leaf_set", "table", "closer"]));
        Assert.Equal(
            [nodes[0].Handle.Id.ToString(), .. hops.Select(hop => (string)hop.GetTagItem("p2p.pastry.next_hop")!)],
            chain[1..].Select(span => (string)span.GetTagItem("p2p.pastry.node")!));
    }

    private static Observation Sent(in Message message) => new() { Kind = ObservationKind.Sent, Message = message, NextHop = Nodes.At(2), Attempt = 1 };

    private Message Traced(byte hops) => new()
    {
        Kind = MessageKind.Routed,
        Hops = hops,
        Extension = HeaderExtension.OfTrace(TraceContext.Of(_recorder.Root), origin: null),
    };

    private int SpansOf(MessageTracer tracer, int times, byte hops, Instant now)
    {
        var before = _recorder.Spans.Count;
        for (var i = 0; i < times; i++)
        {
            tracer.Take(new Observation { Kind = ObservationKind.Delivered, Message = Traced(hops) }, now, default);
        }

        return _recorder.Spans.Count - before;
    }

    private ValueTask<PastryNode> StartAsync(PastryEndpoint endpoint, params PastryNode[] bootstraps)
    {
        var options = new PastryNodeOptions
        {
            Transport = _network.CreateTransport,
            Modules = { endpoint },
            Protocol = ManyHops,
        };
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

    /// <summary>Routes a message to each key that it is given.</summary>
    private sealed class RoutingModule() : PastryApplication(PastryApplicationId.FromName("tests/routing")), IPastryModule
    {
        public INodePort? Port { get; private set; }

        PastryApplication IPastryModule.Application => this;

        public void Attach(INodePort port) => Port = port;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        protected internal override void Handle(object input, IOverlay overlay) => overlay.Route((NodeId)input, Payload.FromBytes(new byte[1]));

        protected internal override void Deliver(in RoutedMessage message, IOverlay overlay)
        {
        }
    }
}
