using System.Net;
using System.Net.Sockets;
using P2P.Pastry.Transport;

namespace P2P.Pastry.Tests.Transport;

/// <summary>Hosts measure each other by datagrams, without a connection, and answer nothing else.</summary>
public sealed class UdpEchoTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task A_host_measures_another_without_a_connection(string address)
    {
        if (address == "::1" && !Socket.OSSupportsIPv6)
        {
            return;
        }

        await using var one = await TcpTestHost.StartAsync(options => options.Listen = [new NodeAddress(address, 0)]);
        await using var other = await TcpTestHost.StartAsync(options => options.Listen = [new NodeAddress(address, 0)]);
        var roundTrip = await ((IProximityMetric)one.Transport).MeasureAsync(other.Node.Handle);
        Assert.InRange(roundTrip!.Value, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(1));
        Assert.Equal(0, ((TcpTransport)one.Transport).Host.Connections);
    }

    [Fact]
    public async Task Nobody_there_is_no_measurement()
    {
        await using var host = await TcpTestHost.StartAsync();
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var nobody = new NodeHandle(new NodeId(1), 1, [new NodeAddress("127.0.0.1", ((IPEndPoint)silent.LocalEndPoint!).Port)]);
        Assert.Null(await ((IProximityMetric)host.Transport).MeasureAsync(nobody));
    }

    [Fact]
    public async Task Only_calls_are_answered_with_as_many_bytes()
    {
        await using var host = await TcpTestHost.StartAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var stranger = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var target = new IPEndPoint(IPAddress.Loopback, host.Transport.Addresses[0].Port);
        byte[] call = [0x70, 0x32, 0x70, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
        foreach (var junk in (byte[][])[[], [1, 2, 3], call[..^1], [.. call, 0], [0x70, 0x32, 0x70, 2, .. call[4..]], new byte[1400]])
        {
            await stranger.SendAsync(junk, target, limit.Token);
        }

        await stranger.SendAsync(call, target, limit.Token);
        // Datagrams of one pair stay in order on this machine: what comes first answers the call, and nothing answered the junk.
        var answer = await stranger.ReceiveAsync(limit.Token);
        Assert.Equal([0x70, 0x32, 0x70, 2, .. call[4..]], answer.Buffer);
        Assert.Equal(0, stranger.Available);
    }
}
