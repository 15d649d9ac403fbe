using P2P.Pastry.Transport;
using P2P.Pastry.Transport.Tcp;

namespace P2P.Pastry.Tests.Transport;

/// <summary>How TCP connections come, go and are bounded.</summary>
public sealed class TcpConnectionTests
{
    [Fact]
    public async Task Hosts_without_a_common_version_refuse_each_other_and_name_both()
    {
        await using var old = await TcpTestHost.StartAsync();
        await using var recent = await TcpTestHost.StartAsync(options => options.Versions = new VersionRange(3, 4));
        old.Send(recent.Handle, "hello");
        Assert.Equal((recent.Handle, PeerDownReason.Incompatible), await old.Seen.NextDownAsync());
        var failure = await Assert.ThrowsAsync<TransportException>(() => old.Transport.ResolveAsync(old.Node, recent.Handle.Address).AsTask());
        Assert.Equal(PeerDownReason.Incompatible, failure.Reason);
        Assert.Contains("version 3–4", failure.Message, StringComparison.Ordinal);
        Assert.Contains("this host 1–2", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hosts_with_a_common_version_get_on()
    {
        await using var old = await TcpTestHost.StartAsync();
        await using var recent = await TcpTestHost.StartAsync(options => options.Versions = new VersionRange(1, 3));
        await old.GreetAsync(recent);
        await recent.GreetAsync(old);
    }

    [Fact]
    public async Task Ring_of_hosts_with_different_versions_carries_messages_and_streams()
    {
        VersionRange[] versions = [new(1, 1), new(1, 2), new(1, 3)];
        var endpoints = Array.ConvertAll(versions, _ => new PastryEndpoint("tests/versions"));
        var nodes = new List<PastryNode>();
        try
        {
            foreach (var (range, endpoint) in versions.Zip(endpoints))
            {
                var options = new PastryNodeOptions
                {
                    Transport = () => new TcpTransport(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)], Versions = range }),
                    Modules = { endpoint },
                };
                nodes.ForEach(node => options.Bootstraps.Add(node.Handle.Address));
                nodes.Add(await PastryNode.StartAsync(options));
                await nodes[^1].WhenReadyAsync().AsTask().WaitAsync(Patience.Long);
            }

            foreach (var (from, to) in endpoints.SelectMany(_ => endpoints, (from, to) => (from, to)).Where(pair => pair.from != pair.to))
            {
                await to.WhenReadyAsync().AsTask().WaitAsync(Patience.Long);
                await from.RouteAsync(to.Self.Id, "hello"u8.ToArray(), RouteOptions.WithOrigin);
                await using var deliveries = to.DeliveriesAsync().GetAsyncEnumerator();
                Assert.True(await deliveries.MoveNextAsync().AsTask().WaitAsync(Patience.Long));
                Assert.Equal(from.Self, deliveries.Current.Origin);
                await using var stream = await from.OpenStreamAsync(to.Self).AsTask().WaitAsync(Patience.Long);
            }
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.KillAsync();
            }
        }
    }

    [Fact]
    public async Task Rings_do_not_mix()
    {
        await using var ours = await TcpTestHost.StartAsync();
        await using var theirs = await TcpTestHost.StartAsync(options => options.RingName = "private");
        ours.Send(theirs.Handle, "hello");
        Assert.Equal((theirs.Handle, PeerDownReason.Incompatible), await ours.Seen.NextDownAsync());
        var failure = await Assert.ThrowsAsync<TransportException>(() => ours.Transport.ResolveAsync(ours.Node, theirs.Handle.Address).AsTask());
        Assert.Contains("another ring than 'default'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_in_use_is_named()
    {
        await using var a = await TcpTestHost.StartAsync();
        await using var second = new TcpTransport(new TcpTransportOptions { Listen = [a.Handle.Address] });
        var failure = await Assert.ThrowsAsync<PastryException>(() => second.StartAsync(new Recorder()).AsTask());
        Assert.Contains($"{a.Handle.Address} can't be listened at: the port is in use", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_out_of_its_range_is_named()
    {
        var failure = Assert.Throws<PastryException>(() => new TcpTransport(new TcpTransportOptions { ConnectionsMax = 0 }));
        Assert.Contains("ConnectionsMax is between 1 and 65536, not 0", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_of_another_kind_does_not_resolve()
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        var address = new NodeAddress("127.0.0.1", ((System.Net.IPEndPoint)other.LocalEndpoint).Port);
        var answering = Task.Run(async () =>
        {
            using var client = await other.AcceptTcpClientAsync();
            await client.GetStream().WriteAsync("SSH-2.0-OpenSSH_9.2p1\r\n"u8.ToArray());
        });
        await using var a = await TcpTestHost.StartAsync();
        var failure = await Assert.ThrowsAsync<TransportException>(() => a.Transport.ResolveAsync(a.Node, address).AsTask());
        Assert.Contains(address.ToString(), failure.Message, StringComparison.Ordinal);
        Assert.Contains("no host of this overlay", failure.Message, StringComparison.Ordinal);
        await answering;
    }

    [Fact]
    public async Task A_later_address_is_tried_when_the_first_is_of_nobody()
    {
        await using var a = await TcpTestHost.StartAsync();
        await using var b = await TcpTestHost.StartAsync();
        var gone = await TcpTestHost.StartAsync();
        await gone.DisposeAsync();
        var handle = new NodeHandle(b.Handle.Id, 1, [gone.Handle.Address, b.Handle.Address]);
        Assert.Equal(SendStatus.Accepted, a.Send(handle, "by the back door"));
        Assert.Equal("by the back door", (await b.Seen.NextAsync()).Text);
    }

    [SkippableFact]
    public async Task Ipv6_works()
    {
        Skip.IfNot(System.Net.Sockets.Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await using var a = await TcpTestHost.StartAsync(options => options.Listen = [new NodeAddress("::1", 0)]);
        await using var b = await TcpTestHost.StartAsync(options => options.Listen = [new NodeAddress("::1", 0), new NodeAddress("127.0.0.1", 0)]);
        await a.GreetAsync(b);
        await b.GreetAsync(a);
        Assert.Equal(2, b.Handle.Addresses.Length);
    }

    [Fact]
    public async Task Who_dials_at_the_same_time_ends_up_with_one_connection_and_loses_nothing()
    {
        for (var round = 0; round < 10; round++)
        {
            using var metersOfA = new MeterRecorder();
            using var metersOfB = new MeterRecorder();
            await using var a = await TcpTestHost.StartAsync(options => options.MeterFactory = metersOfA);
            await using var b = await TcpTestHost.StartAsync(options => options.MeterFactory = metersOfB);
            using var start = new Barrier(2);
            const int Count = 200;
            await Task.WhenAll(Task.Run(() => SendAll(a, b)), Task.Run(() => SendAll(b, a)));
            for (var i = 0; i < Count; i++)
            {
                Assert.Equal($"{i}", (await a.Seen.NextAsync()).Text);
                Assert.Equal($"{i}", (await b.Seen.NextAsync()).Text);
            }

            await metersOfA.StandsAtAsync("connections", 1);
            await metersOfB.StandsAtAsync("connections", 1);
            Assert.False(a.Seen.HasDown || b.Seen.HasDown);
            await a.GreetAsync(b);
            await b.GreetAsync(a);

            void SendAll(TestHost from, TestHost to)
            {
                start.SignalAndWait();
                for (var i = 0; i < Count; i++)
                {
                    Assert.Equal(SendStatus.Accepted, from.Send(to.Handle, $"{i}"));
                }
            }
        }
    }

    [Fact]
    public async Task A_peer_that_is_gone_is_left_alone_for_a_while()
    {
        var clock = TcpTestHost.ClockAt(TimeSpan.Zero);
        using var key = SigningKey.Create();
        await using var a = await TcpTestHost.StartAsync(options => options.Time = clock);
        var b = await TcpTestHost.StartAsync(options => options.Time = clock, key);
        await a.GreetAsync(b);
        await b.DisposeAsync();
        a.Send(b.Handle, "anybody there?");
        Assert.Equal((b.Handle, PeerDownReason.Refused), await a.Seen.NextDownAsync());
        Assert.Equal(SendStatus.Unreachable, a.Send(b.Handle, "anybody there?"));

        await using var again = await TcpTestHost.StartAsync(options => (options.Time, options.Listen) = (clock, [b.Handle.Address]), key, incarnation: 2);
        Assert.Equal(SendStatus.Unreachable, a.Send(b.Handle, "anybody there?"));
        clock.Advance(TimeSpan.FromSeconds(1));
        // The old handle reaches the node in its new life.
        Assert.Equal(SendStatus.Accepted, a.Send(b.Handle, "welcome back"));
        Assert.Equal("welcome back", (await again.Seen.NextAsync()).Text);
    }

    [Fact]
    public async Task A_peer_that_calls_is_reachable_at_once()
    {
        var clock = TcpTestHost.ClockAt(TimeSpan.Zero);
        using var key = SigningKey.Create();
        await using var a = await TcpTestHost.StartAsync(options => options.Time = clock);
        var b = await TcpTestHost.StartAsync(options => options.Time = clock, key);
        await b.DisposeAsync();
        a.Send(b.Handle, "anybody there?");
        Assert.Equal((b.Handle, PeerDownReason.Refused), await a.Seen.NextDownAsync());
        await using var again = await TcpTestHost.StartAsync(options => options.Time = clock, key, incarnation: 2);
        await again.GreetAsync(a);
        Assert.Equal(SendStatus.Accepted, a.Send(b.Handle, "there you are"));
        Assert.Equal("there you are", (await again.Seen.NextAsync()).Text);
    }

    [Fact]
    public async Task An_idle_connection_is_closed_and_nobody_is_down()
    {
        var clock = TcpTestHost.ClockAt(TimeSpan.Zero);
        using var metersOfA = new MeterRecorder();
        using var metersOfB = new MeterRecorder();
        await using var a = await TcpTestHost.StartAsync(options => (options.Time, options.MeterFactory) = (clock, metersOfA));
        await using var b = await TcpTestHost.StartAsync(options => (options.Time, options.MeterFactory) = (clock, metersOfB));
        await a.GreetAsync(b);
        await MeterRecorder.QuietAsync(metersOfA, metersOfB);
        clock.Advance(TimeSpan.FromMinutes(6));
        await metersOfA.StandsAtAsync("connections", 0);
        await metersOfB.StandsAtAsync("connections", 0);
        Assert.False(a.Seen.HasDown || b.Seen.HasDown);
        await a.GreetAsync(b);
    }

    [Fact]
    public async Task A_peer_that_does_not_read_costs_a_bounded_queue()
    {
        using var meters = new MeterRecorder();
        await using var a = await TcpTestHost.StartAsync(options => (options.PeerQueueBytes, options.MeterFactory) = (256 * 1024, meters));
        await using var b = await TcpTestHost.StartAsync();
        await a.GreetAsync(b);
        var open = new TaskCompletionSource();
        b.Seen.Open = open.Task;
        var message = new byte[64 * 1024];
        var accepted = 0;
        while (a.Transport.Send(a.Node, b.Handle, message) == SendStatus.Accepted)
        {
            accepted++;
            Assert.True(accepted < 10_000);
        }

        await meters.CountsAsync("frames_dropped/queue_full");
        open.SetResult();
        for (var i = 0; i < accepted; i++)
        {
            Assert.Equal(message.Length, (await b.Seen.NextAsync()).Bytes.Length);
        }

        await a.GreetAsync(b);
    }

    [Fact]
    public async Task The_connection_that_was_idle_for_longest_makes_room()
    {
        using var meters = new MeterRecorder();
        var clock = TcpTestHost.ClockAt(TimeSpan.Zero);
        await using var hub = await TcpTestHost.StartAsync(options => (options.Time, options.ConnectionsMax, options.MeterFactory) = (clock, 2, meters));
        await using var first = await TcpTestHost.StartAsync(options => options.Time = clock);
        await using var second = await TcpTestHost.StartAsync(options => options.Time = clock);
        await using var third = await TcpTestHost.StartAsync(options => options.Time = clock);
        await first.GreetAsync(hub);
        clock.Advance(TimeSpan.FromSeconds(1));
        await second.GreetAsync(hub);
        clock.Advance(TimeSpan.FromSeconds(1));
        await third.GreetAsync(hub);
        await meters.StandsAtAsync("connections", 2);
        Assert.False(first.Seen.HasDown || hub.Seen.HasDown);
        await first.GreetAsync(hub);
        await hub.GreetAsync(third);
    }

    [Fact]
    public async Task Who_stays_silent_is_dropped_in_time()
    {
        using var meters = new MeterRecorder();
        using var hostile = new HostileHost();
        var clock = TcpTestHost.ClockAt(TimeSpan.Zero);
        await using var a = await TcpTestHost.StartAsync(options => (options.Time, options.MeterFactory) = (clock, meters));
        using var socket = await hostile.ConnectAsync(a);
        var dropped = meters.CountsAsync("handshakes_refused/timeout");
        while (!dropped.IsCompleted)
        {
            // The clock goes on until the host has noticed the connection and lost its patience.
            clock.Advance(TimeSpan.FromSeconds(11));
            await Task.Yield();
        }

        await dropped;
    }

    [Fact]
    public async Task One_address_begins_a_bounded_number_of_handshakes_per_second()
    {
        using var meters = new MeterRecorder();
        using var hostile = new HostileHost();
        var clock = TcpTestHost.ClockAt(TimeSpan.Zero);
        await using var a = await TcpTestHost.StartAsync(options => (options.Time, options.HandshakesPerAddressAndSecond, options.MeterFactory) = (clock, 2, meters));
        for (var i = 0; i < 3; i++)
        {
            await hostile.ConnectAsync(a);
        }

        await meters.CountsAsync("handshakes_refused/rate");
        clock.Advance(TimeSpan.FromSeconds(1));
        await using var b = await TcpTestHost.StartAsync(options => options.Time = clock);
        await b.GreetAsync(a);
    }

    [Fact]
    public async Task One_stream_too_many_waits_for_another_to_end()
    {
        await using var a = await TcpTestHost.StartAsync(options => options.StreamsPerPeerMax = 1);
        await using var b = await TcpTestHost.StartAsync();
        var application = PastryApplicationId.FromName("test");
        var first = await a.Transport.OpenStreamAsync(a.Node, b.Handle, application);
        var second = a.Transport.OpenStreamAsync(a.Node, b.Handle, application).AsTask();
        using var impatient = new CancellationTokenSource();
        var third = a.Transport.OpenStreamAsync(a.Node, b.Handle, application, impatient.Token).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
        Assert.False(second.IsCompleted);
        await first.DisposeAsync();
        await using var opened = await second.WaitAsync(Patience.Long);
    }

    [Fact]
    public async Task Who_accepts_no_more_streams_says_so()
    {
        await using var a = await TcpTestHost.StartAsync();
        await using var b = await TcpTestHost.StartAsync(options => options.StreamsMax = 1);
        var application = PastryApplicationId.FromName("test");
        await using var first = await a.Transport.OpenStreamAsync(a.Node, b.Handle, application);
        var failure = await Assert.ThrowsAsync<TransportException>(() => a.Transport.OpenStreamAsync(a.Node, b.Handle, application).AsTask());
        Assert.Equal(PeerDownReason.Refused, failure.Reason);
    }
}
