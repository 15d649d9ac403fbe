using System.Net;
using System.Net.Sockets;
using P2P.YouServ.Dns;
using static YouServ.Tests.Dns.TestQuery;

namespace YouServ.Tests.Dns;

/// <summary>Datagrams are answered alike, one by one and many at a time.</summary>
public sealed class DatagramTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_of_many_clients_gets_its_own_answers(bool isFastest)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var server = (IPEndPoint)socket.LocalEndPoint!;
        var zone = Zones.Make();
        DatagramLoop[] loops = [.. Enumerable.Range(0, 2).Select(_ => new DatagramLoop(socket, zone, limiter: null, isFastest ? DatagramBatch.Over : one => new SingleDatagram(one)))];
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async client =>
        {
            using var asking = new UdpClient();
            asking.Connect(server);
            for (var round = 0; round < 20; round++)
            {
                // Silence and errors among them disturb nobody.
                var id = (client * 256) + round;
                await asking.SendAsync(Of("joe.userv.example", A, flags: 0x8000));
                await asking.SendAsync(Array.Empty<byte>());
                await asking.SendAsync(Of("joe.userv.example", round % 2 == 0 ? A : Txt, id: id));
                var answer = TestMessage.Parse((await asking.ReceiveAsync().WaitAsync(TimeSpan.FromSeconds(30))).Buffer);
                Assert.Equal((id, round % 2 == 0 ? 2 : 0), (answer.Id, answer.Answers.Count));
            }
        }));
        Assert.Equal(20 * 20 * 3, loops.Sum(loop => loop.Counters.Queries));

        foreach (var loop in loops)
        {
            loop.Stop();
        }

        socket.Dispose();
        foreach (var loop in loops)
        {
            loop.Join();
        }
    }

    [Fact]
    public async Task What_is_longer_than_any_query_is_told_to_be_none()
    {
        await using var server = await TestZone.StartAsync();
        Assert.Equal(FormatError, (await AskAsync(server.Endpoints[0], [.. Of("joe.userv.example", A), .. new byte[5000]])).Code);
    }

    [SkippableTheory]
    [InlineData("0.0.0.0", "127.0.0.2")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("::", "::1")]
    public async Task A_server_at_all_addresses_answers_from_the_one_that_was_asked(string bound, string asked)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only Linux has all of 127.0.0.0/8, and tells which address was asked.");
        Skip.If(bound == "::" && !Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await using var server = await TestZone.StartAsync(options => options.Endpoints = [new IPEndPoint(IPAddress.Parse(bound), 0)]);

        // The client takes nothing from other addresses.
        Assert.Single((await AskAsync(new IPEndPoint(IPAddress.Parse(asked), server.Endpoints[0].Port), "ns1.userv.example", A)).Answers);
    }
}
