using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using P2P.YouServ.Dns;
using static YouServ.Tests.Dns.TestQuery;

namespace YouServ.Tests.Dns;

/// <summary>Datagrams that name a victim as their sender make little noise there.</summary>
public sealed class ResponseRateTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_network_gets_a_second_of_answers_at_once_and_then_its_rate()
    {
        var limiter = new ResponseRateLimiter(answersPerSecond: 10, _time);
        var network = Network("192.0.2.1");
        Assert.Equal(10, Allowed(limiter, network));
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(5, Allowed(limiter, network));
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(10, Allowed(limiter, network));
    }

    [Fact]
    public void Networks_are_what_one_party_commonly_has()
    {
        Assert.Equal(Network("192.0.2.1"), Network("192.0.2.255"));
        Assert.NotEqual(Network("192.0.2.1"), Network("192.0.3.1"));
        Assert.Equal(Network("2001:db8:0:1100::1"), Network("2001:db8:0:11ff::2"));
        Assert.NotEqual(Network("2001:db8:0:1100::1"), Network("2001:db8:0:1200::1"));
        Assert.NotEqual(Network("0.0.1.0"), Network("::1"));
        Assert.All((string[])["192.0.2.1", "2001:db8:0:1100::1"], text =>
        {
            var address = IPAddress.Parse(text);
            Assert.Equal(Network(text), ClientNetwork.Of(address.AddressFamily, new IPEndPoint(address, 53).Serialize().Buffer.Span));
        });
    }

    [Fact]
    public void One_network_takes_nothing_from_most_others()
    {
        var limiter = new ResponseRateLimiter(answersPerSecond: 10, _time);
        Allowed(limiter, Network("192.0.2.1"));

        // Some may share its place in the table.
        Assert.InRange(Enumerable.Range(0, 256).Count(number => Allowed(limiter, Network($"10.0.{number}.1")) == 10), 250, 256);
    }

    [Fact]
    public async Task Beyond_the_rate_every_second_query_is_asked_to_come_over_a_connection_and_the_others_are_dropped()
    {
        await using var server = await TestZone.StartAsync(options =>
        {
            options.Time = _time;
            options.DatagramsPerSecondMax = 4;
            options.DatagramLoops = 1;
        });
        using var client = new UdpClient();
        client.Connect(server.Endpoints[0]);
        for (var id = 0; id < 8; id++)
        {
            await client.SendAsync(Of("ns1.userv.example", A, id: id));
        }

        // One loop answers in the order of the queries: 4 and 6 are dropped, and nothing follows 7.
        foreach (var id in (int[])[0, 1, 2, 3, 5, 7])
        {
            var answer = TestMessage.Parse((await client.ReceiveAsync().WaitAsync(TimeSpan.FromSeconds(30))).Buffer);
            Assert.Equal((id, id > 3, id > 3 ? 0 : 1), (answer.Id, answer.IsTruncated, answer.Answers.Count));
        }

        Assert.Single((await AskOverStreamAsync(server.Endpoints[0], Of("ns1.userv.example", A))).Answers);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False((await AskAsync(server.Endpoints[0], "ns1.userv.example", A)).IsTruncated);
    }

    private static int Allowed(ResponseRateLimiter limiter, ClientNetwork network)
    {
        var count = 0;
        while (limiter.Allows(network))
        {
            count++;
        }

        return count;
    }

    private static ClientNetwork Network(string address) => ClientNetwork.Of(IPAddress.Parse(address));
}
