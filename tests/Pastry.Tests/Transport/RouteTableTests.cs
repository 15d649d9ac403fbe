using Microsoft.Extensions.Logging.Abstractions;
using P2P.Pastry.Transport;
using P2P.Pastry.Transport.Framing;
using P2P.Pastry.Transport.Tcp;

namespace P2P.Pastry.Tests.Transport;

/// <summary>Which link messages for a node take while connections of two hosts cross.</summary>
public sealed class RouteTableTests : IDisposable
{
    private static readonly NodeHandle Peer = new(new NodeId(7), 1, [new NodeAddress("192.0.2.1", 1)]);

    private readonly HostIdentity _identity = new(null);
    private readonly TransportMetrics _metrics = new(null);
    private readonly List<NodeHandle> _dialled = [];
    private readonly RouteTable _routes;

    public RouteTableTests()
    {
        var options = new TcpTransportOptions();
        var context = new HostContext(
            options, _identity, new LocalNodes(_identity.Id, options), new DelegationVerifier(options), new HandlerGuard(new Recorder(), NullLogger.Instance, default), _metrics, NullLogger.Instance, Session: 1, Aborting: default);
        _routes = new RouteTable(context, _dialled.Add);
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _identity.Dispose();
    }

    [Fact]
    public void Link_that_yields_takes_what_waits_for_a_dial()
    {
        Send(1);
        Send(2);
        Assert.Equal([Peer], _dialled);
        var link = new Link();

        _routes.Attach(link, index: 3, Peer, yields: true);
        Send(3);

        Assert.Equal([1, 2, 3], link.Messages);
        Assert.Single(_dialled);
    }

    [Fact]
    public void False_addresses_that_are_dialled_do_not_bar_the_way_to_the_true_ones()
    {
        NodeHandle[] lies = [.. Enumerable.Range(2, 10).Select(i => new NodeHandle(Peer.Id, 1, [new NodeAddress($"192.0.2.{i}", 1)]))];
        Send(lies[0], 1);
        Send(Peer, 2);
        Send(Peer, 3);
        Assert.Equal([lies[0], Peer], _dialled);
        Assert.Same(Peer, _dialled[1]);

        // Others are dialled as well, but not as many as somebody likes to name; what fails takes nothing with it that waits for another.
        lies.ToList().ForEach(lie => Send(lie, 4));
        Assert.Equal(4, _dialled.Count);
        Assert.True(_routes.Fail(lies[0]));
        var link = new Link();
        _routes.Attach(link, index: 3, Peer);
        Assert.Equal([1, 2, 3, 4], link.Messages.Distinct());
    }

    [Fact]
    public void What_waits_is_given_up_with_the_last_dial()
    {
        var lie = new NodeHandle(Peer.Id, 1, [new NodeAddress("192.0.2.9", 1)]);
        Send(lie, 1);
        Send(Peer, 2);
        Assert.True(_routes.Fail(Peer));
        Assert.True(_routes.Fail(lie));
        var link = new Link();
        _routes.Attach(link, index: 3, Peer);
        Assert.Empty(link.Messages);
    }

    [Fact]
    public void A_node_that_was_reached_and_lost_while_another_dial_goes_on_is_waited_for()
    {
        Send(1);
        var first = new Link();
        _routes.Attach(first, index: 3, Peer);
        _routes.Detach(first, Peer.Id);
        Send(2);
        Assert.Single(_dialled);

        _routes.EndDial(Peer);
        Send(3);
        Assert.Equal(2, _dialled.Count);
        var second = new Link();
        _routes.Attach(second, index: 3, Peer);
        Assert.Equal([3], second.Messages);
    }

    [Fact]
    public void Link_that_yields_leaves_one_that_is_in_use()
    {
        var (first, second) = (new Link(), new Link());
        _routes.Attach(first, index: 3, Peer);

        _routes.Attach(second, index: 3, Peer, yields: true);
        Send(1);
        _routes.Detach(first, Peer.Id, new RouteTarget(second, 3, Peer));
        Send(2);

        Assert.Equal([1], first.Messages);
        Assert.Equal([2], second.Messages);
    }

    [Fact]
    public void Link_that_yielded_to_one_that_has_gone_is_replaced_by_the_next_dial()
    {
        var (first, second, third) = (new Link(), new Link(), new Link());
        _routes.Attach(first, index: 3, Peer);
        _routes.Attach(second, index: 3, Peer, yields: true);
        _routes.Detach(first, Peer.Id);

        Send(1);
        _routes.Attach(third, index: 3, Peer, yields: true);

        Assert.Equal([Peer], _dialled);
        Assert.Equal([1], third.Messages);
    }

    private void Send(byte message) => Send(Peer, message);

    private void Send(NodeHandle to, byte message) => Assert.Equal(SendStatus.Accepted, _routes.Send(source: 0, to, [message], MessagePriority.Normal));

    private sealed class Link : IFrameLink
    {
        public List<byte> Messages { get; } = [];

        public SendStatus Append(ushort source, ushort destination, ReadOnlySpan<byte> message, MessagePriority priority)
        {
            Messages.Add(message[0]);
            return SendStatus.Accepted;
        }
    }
}
