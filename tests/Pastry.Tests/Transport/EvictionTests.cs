using Microsoft.Extensions.Logging.Abstractions;
using P2P.Pastry.Transport;
using P2P.Pastry.Transport.Tcp;

namespace P2P.Pastry.Tests.Transport;

/// <summary>Which connection gives way, and what thousands of peers cost.</summary>
public sealed class EvictionTests
{
    private const int Peers = 5_000;

    private static readonly TimeSpan JustNow = TimeSpan.Zero;
    private static readonly TimeSpan Recently = TimeSpan.FromSeconds(50);
    private static readonly TimeSpan LongAgo = TimeSpan.FromMinutes(4);

    [Fact]
    public void The_least_useful_gives_way_first()
    {
        ConnectionUse[] fromLeastUseful =
        [
            new(PeerNeed.None, DialledHere: true, WasUsed: true, LongAgo),
            new(PeerNeed.None, DialledHere: false, WasUsed: true, TimeSpan.FromMinutes(2)),
            new(PeerNeed.None, DialledHere: false, WasUsed: false, Recently),
            new(PeerNeed.None, DialledHere: false, WasUsed: false, JustNow),
            new(PeerNeed.None, DialledHere: false, WasUsed: true, Recently),
            new(PeerNeed.None, DialledHere: false, WasUsed: true, JustNow),
            new(PeerNeed.None, DialledHere: true, WasUsed: true, Recently),
            new(PeerNeed.Known, DialledHere: false, WasUsed: false, LongAgo),
            new(PeerNeed.Known, DialledHere: true, WasUsed: true, JustNow),
            new(PeerNeed.Neighbor, DialledHere: false, WasUsed: false, LongAgo),
        ];
        for (var i = 1; i < fromLeastUseful.Length; i++)
        {
            Assert.True(EvictionPolicy.Compare(fromLeastUseful[i - 1], fromLeastUseful[i]) < 0, $"{i - 1} before {i}");
            Assert.True(EvictionPolicy.Compare(fromLeastUseful[i], fromLeastUseful[i - 1]) > 0, $"{i} after {i - 1}");
        }
    }

    [Fact]
    public void Thousands_of_strangers_push_out_nobody_whom_this_host_needs()
    {
        const int Max = 1024;
        var needs = new PeerNeeds();
        NodeHandle[] neighbors = [.. Enumerable.Range(0, 32).Select(Named)];
        NodeHandle[] known = [.. Enumerable.Range(100, 200).Select(Named)];
        needs.Set(0, neighbors, known);
        // Of those who are needed, half are idle; the strangers have just come.
        var connections = neighbors.Concat(known).Select((peer, i) => (Peer: peer, Use: new ConnectionUse(needs.Of(peer.Id), false, i % 2 == 0, LongAgo))).ToList();
        for (var i = 0; i < Peers; i++)
        {
            var stranger = Named(10_000 + i);
            connections.Add((stranger, new ConnectionUse(needs.Of(stranger.Id), false, WasUsed: i % 3 == 0, JustNow)));
            if (connections.Count > Max)
            {
                var least = connections.Index().Aggregate((one, other) => EvictionPolicy.Compare(other.Item.Use, one.Item.Use) < 0 ? other : one);
                connections.RemoveAt(least.Index);
            }
        }

        Assert.Equal(Max, connections.Count);
        Assert.Empty(neighbors.Concat(known).Except(connections.Select(connection => connection.Peer)));
    }

    [Fact]
    public void Needs_are_those_of_all_nodes_of_the_host_as_each_said_last()
    {
        var needs = new PeerNeeds();
        needs.Set(0, [Named(1)], [Named(2), Named(3)]);
        needs.Set(1, [Named(2)], [Named(1)]);
        Assert.Equal(PeerNeed.Neighbor, needs.Of(Named(1).Id));
        Assert.Equal(PeerNeed.Neighbor, needs.Of(Named(2).Id));
        Assert.Equal(PeerNeed.Known, needs.Of(Named(3).Id));

        needs.Set(0, [], [Named(2)]);
        Assert.Equal(PeerNeed.Known, needs.Of(Named(1).Id));
        Assert.Equal(PeerNeed.Neighbor, needs.Of(Named(2).Id));
        Assert.Equal(PeerNeed.None, needs.Of(Named(3).Id));

        needs.Remove(1);
        needs.Remove(0);
        Assert.Equal(0, needs.Peers);
    }

    [Fact]
    public void A_node_that_needs_everybody_is_heard_up_to_a_bound()
    {
        var needs = new PeerNeeds();
        for (var round = 0; round < 3; round++)
        {
            needs.Set(0, [.. Enumerable.Range(round * Peers, 100).Select(Named)], [.. Enumerable.Range(round * Peers + 100, Peers).Select(Named)]);
        }

        Assert.Equal(PeerNeeds.PeersPerNodeMax, needs.Peers);
        Assert.Equal(PeerNeed.Neighbor, needs.Of(Named(2 * Peers).Id));
    }

    [Fact]
    public void Routes_to_thousands_of_peers_take_bounded_dials_and_memory()
    {
        var options = new TcpTransportOptions().Validated();
        using var identity = new HostIdentity(null);
        using var metrics = new TransportMetrics(null);
        var logger = NullLogger.Instance;
        var context = new HostContext(
            options,
            identity,
            new LocalNodes(identity.Id, options),
            new DelegationVerifier(options),
            new HandlerGuard(new Recorder(), logger, CancellationToken.None),
            metrics,
            logger,
            Session: 1,
            CancellationToken.None);
        NodeHandle[] peers = [.. Enumerable.Range(0, Peers).Select(Named)];
        var dialled = 0;
        var routes = new RouteTable(context, _ => dialled++);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var accepted = peers.Count(peer => routes.Send(0, peer, [1, 2, 3], MessagePriority.Normal) == SendStatus.Accepted);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(options.ConnectionsMax, accepted);
        Assert.Equal(options.ConnectionsMax, dialled);
        Assert.InRange(bytes, 1, 8L * 1024 * Peers);
    }

    [Fact]
    public async Task Strangers_make_room_for_each_other_and_neighbours_stay()
    {
        using var meters = new MeterRecorder();
        await using var hub = await TcpTestHost.StartAsync(options => (options.ConnectionsMax, options.HandshakesPerAddressAndSecond, options.MeterFactory) = (32, 100_000, meters));
        await using var neighbor = await TcpTestHost.StartAsync();
        await using var known = await TcpTestHost.StartAsync();
        await neighbor.GreetAsync(hub);
        await known.GreetAsync(hub);
        hub.Transport.Favor(hub.Node, [neighbor.Handle], [known.Handle]);
        var strangers = new List<HostileHost>();
        for (var i = 0; i < 100; i++)
        {
            // None of them says farewell when it is told that its connection ends.
            var stranger = new HostileHost();
            strangers.Add(stranger);
            await stranger.GreetAsync(hub, new HelloNode(0, stranger.Delegate()));
        }

        await meters.CountsAsync("connections_evicted");
        var host = ((TcpTransport)hub.Transport).Host;
        Assert.True(host.IsReachable(neighbor.Handle.Id));
        Assert.True(host.IsReachable(known.Handle.Id));
        Assert.False(neighbor.Seen.HasDown || known.Seen.HasDown);
        strangers.ForEach(stranger => stranger.Dispose());
        await meters.StandsAtAsync("connections", 2);
        await hub.GreetAsync(neighbor);
        await hub.GreetAsync(known);
    }

    [Fact]
    public async Task A_host_that_needs_all_its_connections_still_gets_a_word_through_to_another()
    {
        await using var hub = await TcpTestHost.StartAsync(options => options.ConnectionsMax = 2);
        await using var left = await TcpTestHost.StartAsync();
        await using var right = await TcpTestHost.StartAsync();
        await using var other = await TcpTestHost.StartAsync();
        await hub.GreetAsync(left);
        await hub.GreetAsync(right);
        hub.Transport.Favor(hub.Node, [left.Handle, right.Handle], []);

        await hub.GreetAsync(other);
        await other.GreetAsync(hub);

        var host = ((TcpTransport)hub.Transport).Host;
        Assert.True(host.IsReachable(left.Handle.Id) && host.IsReachable(right.Handle.Id));
        Assert.False(left.Seen.HasDown || right.Seen.HasDown || other.Seen.HasDown || hub.Seen.HasDown);
    }

    private static NodeHandle Named(int number) => new(new NodeId((UInt128)number), 1, [new NodeAddress("192.0.2.1", 1)]);
}
