using P2P.Pastry.Transport;
using P2P.Pastry.Transport.Tcp;

namespace P2P.Pastry.Tests.Transport;

/// <summary>What hosts of version 2 tell each other of nodes that are about to stop, and those of version 1 do not.</summary>
public sealed class LeavingTests
{
    private static readonly PastryApplicationId Application = PastryApplicationId.FromName("tests/leaving");
    private static readonly VersionRange First = new(1, 1);

    [Fact]
    public async Task Hosts_speak_the_highest_version_that_both_know()
    {
        await using var first = await TcpTestHost.StartAsync(options => options.Versions = First);
        await using var both = await TcpTestHost.StartAsync();
        await using var second = await TcpTestHost.StartAsync(options => options.Versions = new VersionRange(2, 2));
        await both.GreetAsync(first);
        Assert.Equal([1], VersionsOf(both));
        Assert.Equal([1], VersionsOf(first));
        await both.GreetAsync(second);
        Assert.Equal([1, 2], VersionsOf(both).Order());
        Assert.Equal([2], VersionsOf(second));
    }

    [Fact]
    public async Task Host_of_the_first_version_alone_and_one_of_the_second_alone_refuse_each_other_and_say_why()
    {
        await using var first = await TcpTestHost.StartAsync(options => options.Versions = First);
        await using var second = await TcpTestHost.StartAsync(options => options.Versions = new VersionRange(2, 2));

        var ofFirst = await Assert.ThrowsAsync<TransportException>(() => first.Transport.ResolveAsync(first.Node, second.Handle.Address).AsTask());
        var ofSecond = await Assert.ThrowsAsync<TransportException>(() => second.Transport.ResolveAsync(second.Node, first.Handle.Address).AsTask());

        Assert.Equal((PeerDownReason.Incompatible, PeerDownReason.Incompatible), (ofFirst.Reason, ofSecond.Reason));
        Assert.Contains("It speaks version 2 of the transport and this host 1; update the older of the two.", ofFirst.Message, StringComparison.Ordinal);
        Assert.Contains("It speaks version 1 of the transport and this host 2; update the older of the two.", ofSecond.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<TransportException>(() => first.Transport.OpenStreamAsync(first.Node, second.Handle, Application).AsTask());
    }

    [Fact]
    public async Task Nobody_opens_streams_to_a_node_that_is_about_to_stop_and_messages_pass_as_before()
    {
        await using var leaver = await TcpTestHost.StartAsync();
        await using var other = await TcpTestHost.StartAsync();
        await other.GreetAsync(leaver);
        await using (await other.Transport.OpenStreamAsync(other.Node, leaver.Handle, Application))
        {
        }

        // A message of the leaver comes behind what its host says of it.
        var drained = leaver.Transport.DrainAsync(leaver.Node).AsTask();
        await leaver.GreetAsync(other);

        var refused = await Assert.ThrowsAsync<TransportException>(() => other.Transport.OpenStreamAsync(other.Node, leaver.Handle, Application).AsTask());
        Assert.Equal(PeerDownReason.Leaving, refused.Reason);
        await other.GreetAsync(leaver);
        await (await leaver.Seen.NextStreamAsync()).Stream.DisposeAsync();
        await drained.WaitAsync(Patience.Long);
    }

    [Fact]
    public async Task Host_that_connects_later_learns_it_too()
    {
        await using var leaver = await TcpTestHost.StartAsync();
        await using var other = await TcpTestHost.StartAsync();
        await leaver.Transport.DrainAsync(leaver.Node);
        await other.GreetAsync(leaver);
        await leaver.GreetAsync(other);
        Assert.Equal(
            PeerDownReason.Leaving,
            (await Assert.ThrowsAsync<TransportException>(() => other.Transport.OpenStreamAsync(other.Node, leaver.Handle, Application).AsTask())).Reason);
    }

    [Fact]
    public async Task Host_of_version_1_is_told_nothing_and_is_served_until_no_stream_is_open()
    {
        await using var leaver = await TcpTestHost.StartAsync();
        await using var old = await TcpTestHost.StartAsync(options => options.Versions = First);
        var first = await old.Transport.OpenStreamAsync(old.Node, leaver.Handle, Application);
        var (_, firstThere, _) = await leaver.Seen.NextStreamAsync();
        var drained = leaver.Transport.DrainAsync(leaver.Node).AsTask();

        var second = await old.Transport.OpenStreamAsync(old.Node, leaver.Handle, Application);
        var (_, secondThere, _) = await leaver.Seen.NextStreamAsync();
        await first.DisposeAsync();
        await firstThere.DisposeAsync();
        Assert.False(drained.IsCompleted);
        await second.DisposeAsync();
        await secondThere.DisposeAsync();
        await drained.WaitAsync(Patience.Long);

        var refused = await Assert.ThrowsAsync<TransportException>(() => old.Transport.OpenStreamAsync(old.Node, leaver.Handle, Application).AsTask());
        Assert.Equal(PeerDownReason.Refused, refused.Reason);
        await old.GreetAsync(leaver);
    }

    [Fact]
    public async Task Host_without_a_connection_is_refused_once_no_stream_is_open()
    {
        await using var leaver = await TcpTestHost.StartAsync();
        await using var stranger = await TcpTestHost.StartAsync();
        await leaver.Transport.DrainAsync(leaver.Node);
        var refused = await Assert.ThrowsAsync<TransportException>(() => stranger.Transport.OpenStreamAsync(stranger.Node, leaver.Handle, Application).AsTask());
        Assert.Equal(PeerDownReason.Refused, refused.Reason);
    }

    [Fact]
    public async Task Only_the_node_that_is_about_to_stop_is_left_alone_on_a_host_of_several()
    {
        await using var host = await TcpTestHost.StartAsync();
        var stays = host.AddNode();
        await using var other = await TcpTestHost.StartAsync();
        await other.GreetAsync(host);
        await host.Transport.DrainAsync(host.Node);
        await host.GreetAsync(other);
        await using var stream = await other.Transport.OpenStreamAsync(other.Node, stays.Handle, Application);
        await Assert.ThrowsAsync<TransportException>(() => other.Transport.OpenStreamAsync(other.Node, host.Handle, Application).AsTask());
    }

    [Fact]
    public void Bytes_of_what_hosts_say_are_as_the_protocol_shows_them()
    {
        Assert.Equal("920207", Convert.ToHexString(new ControlMessage(ControlKind.NodeRemoved, 7).ToBytes()));
        Assert.Equal("9103", Convert.ToHexString(new ControlMessage(ControlKind.Farewell).ToBytes()));
        Assert.Equal("9204CD012C", Convert.ToHexString(new ControlMessage(ControlKind.NodeLeaving, 300).ToBytes()));
        Assert.Equal(new ControlMessage(ControlKind.NodeLeaving, 300), ControlMessage.Read(Convert.FromHexString("9204CD012C")));
    }

    private static IEnumerable<int> VersionsOf(TestHost host) => ((TcpTransport)host.Transport).Host.Versions;
}
