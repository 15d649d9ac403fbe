using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using P2P.YouServ.Dns;
using static YouServ.Tests.Dns.TestQuery;

namespace YouServ.Tests.Dns;

/// <summary>Connections carry any number of queries, and none of them may hold the server up.</summary>
public sealed class StreamTests
{
    [Fact]
    public async Task What_no_datagram_holds_comes_over_a_connection()
    {
        await using var server = await TestZone.StartAsync();
        await server.PublishAsync([DnsRecordSet.OfTexts(TestZone.Joe, new string('x', 5000))]);
        var query = Of("joe.userv.example", Txt, edns: 4096);
        var datagram = await AskAsync(server.Endpoints[0], query);
        Assert.True(datagram.IsTruncated);
        Assert.Empty(datagram.Answers);
        var answer = await AskOverStreamAsync(server.Endpoints[0], query);
        Assert.False(answer.IsTruncated);
        Assert.InRange(Assert.Single(answer.Answers).Data.Length, 5000, 5100);
    }

    [Fact]
    public async Task Queries_that_come_together_or_in_pieces_are_answered_in_their_order()
    {
        await using var server = await TestZone.StartAsync();
        await server.PublishAsync([DnsRecordSet.OfTexts(TestZone.Joe, new string('x', 5000))]);
        using var client = new TcpClient();
        await client.ConnectAsync(server.Endpoints[0]);
        var stream = client.GetStream();
        byte[] bytes = [.. Enumerable.Range(0, 1000).SelectMany(id => Framed(Of(id % 50 == 0 ? "joe.userv.example" : "bob.userv.example", Txt, id: id)))];
        var sending = Task.Run(async () =>
        {
            foreach (var piece in bytes.Chunk(777))
            {
                await stream.WriteAsync(piece);
            }
        });
        for (var id = 0; id < 1000; id++)
        {
            var answer = await ReadAsync(stream);
            Assert.Equal((id, id % 50 == 0 ? NoError : NameError), (answer!.Id, answer.Code));
        }

        await sending;
    }

    [Fact]
    public async Task A_length_that_no_query_has_ends_the_connection()
    {
        await using var server = await TestZone.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(server.Endpoints[0]);
        await client.GetStream().WriteAsync(new byte[] { 0xFF, 0xFF, 0, 0 });
        Assert.True(await IsClosedAsync(client));
    }

    [Fact]
    public async Task A_connection_that_brings_no_whole_query_in_time_is_closed()
    {
        var time = new FakeTimeProvider();
        await using var server = await TestZone.StartAsync(options => options.Time = time);
        using var client = new TcpClient();
        await client.ConnectAsync(server.Endpoints[0]);
        var stream = client.GetStream();
        for (var round = 0; round < 3; round++)
        {
            // Each whole query gives it the whole time anew.
            time.Advance(TimeSpan.FromSeconds(9));
            await stream.WriteAsync(Framed(Of("userv.example", Soa)));
            Assert.Single((await ReadAsync(stream))!.Answers);
        }

        await stream.WriteAsync(new byte[] { 0 });
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(await IsClosedAsync(client));
    }

    [Fact]
    public async Task Beyond_the_bound_connections_are_closed_until_one_ends()
    {
        await using var server = await TestZone.StartAsync(options => options.ConnectionsPerNetworkMax = 2);
        using var first = await OpenAsync(server);
        using (await OpenAsync(server))
        {
            using var third = new TcpClient();
            await third.ConnectAsync(server.Endpoints[0]);
            Assert.True(await IsClosedAsync(third));
        }

        // The server notices the end of the second when it reads it.
        TestMessage? answer = null;
        while (answer is null)
        {
            using var fourth = new TcpClient();
            await fourth.ConnectAsync(server.Endpoints[0]);
            answer = await TryAskAsync(fourth);
        }
    }

    [Fact]
    public async Task A_server_that_stops_closes_its_connections()
    {
        var server = await TestZone.StartAsync();
        using var client = await OpenAsync(server);
        await server.DisposeAsync();
        Assert.True(await IsClosedAsync(client));
    }

    private static async Task<TcpClient> OpenAsync(DnsServer server)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Endpoints[0]);
        Assert.NotNull(await TryAskAsync(client));
        return client;
    }

    private static async Task<TestMessage?> TryAskAsync(TcpClient client)
    {
        try
        {
            await client.GetStream().WriteAsync(Framed(Of("userv.example", Soa)));
            return await ReadAsync(client.GetStream());
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task<bool> IsClosedAsync(TcpClient client)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(30)) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
