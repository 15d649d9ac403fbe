using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using P2P.YouServ;
using P2P.YouServ.Dns;
using static YouServ.Tests.Dns.TestQuery;

namespace YouServ.Tests.Dns;

/// <summary>What is published is answered, over real sockets.</summary>
public sealed class DnsServerTests : IAsyncLifetime
{
    private DnsServer _server = null!;

    private IPEndPoint Server => _server.Endpoints[0];

    public async Task InitializeAsync() => _server = await TestZone.StartAsync();

    public Task DisposeAsync() => _server.DisposeAsync().AsTask();

    [Fact]
    public async Task The_next_query_sees_what_was_published_and_not_what_was_removed()
    {
        await _server.PublishAsync([TestZone.Addresses(TestZone.Joe, "192.0.2.1", "192.0.2.2"), TestZone.Addresses(TestZone.Joe, "2001:db8::1")]);
        Assert.Equal(["192.0.2.1", "192.0.2.2"], (await AskAsync(Server, "joe.userv.example", A)).Texts);
        Assert.Equal(["2001:db8::1"], (await AskAsync(Server, "joe.userv.example", Aaaa)).Texts);

        await _server.PublishAsync([TestZone.Addresses(TestZone.Joe, "198.51.100.7"), DnsRecordSet.Removal(TestZone.Joe, DnsRecordType.Aaaa)]);
        Assert.Equal(["198.51.100.7"], (await AskAsync(Server, "joe.userv.example", A)).Texts);
        var none = await AskAsync(Server, "joe.userv.example", Aaaa);
        Assert.Equal((NoError, 0), (none.Code, none.Answers.Count));

        await _server.PublishAsync([DnsRecordSet.Removal(TestZone.Joe, DnsRecordType.A)]);
        Assert.Equal(NameError, (await AskAsync(Server, "joe.userv.example", A)).Code);
    }

    [Fact]
    public async Task Publishing_again_changes_nothing()
    {
        var set = TestZone.Addresses(TestZone.Joe, "192.0.2.1", "192.0.2.2");
        await _server.PublishAsync([set]);
        var serial = _server.Serial;
        await _server.PublishAsync([set with { Values = ["192.0.2.2", "192.0.2.1", "192.0.2.2"] }]);
        await _server.PublishAsync([DnsRecordSet.Removal(TestZone.Joe, DnsRecordType.Txt)]);
        await _server.PublishAsync([]);
        Assert.Equal(serial, _server.Serial);

        await _server.PublishAsync([set with { TimeToLive = TimeSpan.FromSeconds(99) }]);
        Assert.Equal(serial + 1, _server.Serial);
        Assert.All((await AskAsync(Server, "joe.userv.example", A)).Answers, record => Assert.Equal(99u, record.TimeToLive));
    }

    [Fact]
    public async Task A_call_is_done_as_a_whole_or_not_at_all()
    {
        await _server.PublishAsync([TestZone.Addresses(TestZone.Joe, "192.0.2.1")]);
        var serial = _server.Serial;
        DnsRecordSet[] conflict = [TestZone.Addresses(TestZone.Origin.Child("ann"), "192.0.2.2"), new DnsRecordSet(TestZone.Joe, DnsRecordType.Cname, ["ann.userv.example"])];
        await Assert.ThrowsAsync<YouServException>(() => _server.PublishAsync(conflict).AsTask());
        Assert.Equal(serial, _server.Serial);
        Assert.Equal(NameError, (await AskAsync(Server, "ann.userv.example", A)).Code);

        await _server.PublishAsync([.. conflict, DnsRecordSet.Removal(TestZone.Joe, DnsRecordType.A)]);
        Assert.Equal(["ann.userv.example", "192.0.2.2"], (await AskAsync(Server, "joe.userv.example", A)).Texts);
    }

    [Theory]
    [InlineData("joe.other.example", DnsRecordType.A, "192.0.2.1")]
    [InlineData("joe.xuserv.example", DnsRecordType.A, "192.0.2.1")]
    [InlineData("joe.userv.example", DnsRecordType.A, "192.0.2")]
    [InlineData("joe.userv.example", DnsRecordType.A, "2001:db8::1")]
    [InlineData("joe.userv.example", DnsRecordType.Aaaa, "192.0.2.1")]
    [InlineData("joe.userv.example", DnsRecordType.Aaaa, "fe80::1%1")]
    [InlineData("joe.userv.example", DnsRecordType.Cname, "a b")]
    [InlineData("joe.userv.example", DnsRecordType.Mx, "mail.userv.example")]
    [InlineData("joe.userv.example", DnsRecordType.Txt, "\"open")]
    [InlineData("joe.userv.example", DnsRecordType.Txt, "")]
    [InlineData("joe.userv.example", DnsRecordType.Ns, "ns.userv.example")]
    [InlineData("ns1.userv.example", DnsRecordType.A, "192.0.2.9")]
    [InlineData("joe.userv.example", (DnsRecordType)6, "anything")]
    public async Task What_is_none_of_the_zones_is_refused(string name, DnsRecordType type, string value) =>
        await Assert.ThrowsAsync<ArgumentException>(() => _server.PublishAsync([new DnsRecordSet(DnsName.Parse(name), type, [value])]).AsTask());

    [Fact]
    public async Task Sets_that_no_answer_should_have_are_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _server.PublishAsync([TestZone.Addresses(TestZone.Joe, [.. Enumerable.Range(0, 257).Select(number => $"10.0.{number / 256}.{number % 256}")])]).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => _server.PublishAsync([DnsRecordSet.OfTexts(TestZone.Joe, new string('x', 9000))]).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => _server.PublishAsync([TestZone.Addresses(TestZone.Joe, "192.0.2.1") with { TimeToLive = TimeSpan.FromSeconds(0.5) }]).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => _server.PublishAsync([new DnsRecordSet(TestZone.Joe, DnsRecordType.Cname, ["a.example", "b.example"])]).AsTask());
    }

    [Fact]
    public async Task Calls_at_the_same_time_are_all_seen_when_they_are_done()
    {
        await Task.WhenAll(Enumerable.Range(0, 300).Select(async number =>
        {
            var name = TestZone.Origin.Child($"s{number}");
            await _server.PublishAsync([TestZone.Addresses(name, $"10.1.{number / 256}.{number % 256}")]);
            Assert.Equal([$"10.1.{number / 256}.{number % 256}"], (await AskAsync(Server, name.Value, A)).Texts);
        }));
    }

    [Fact]
    public async Task The_serial_in_the_SOA_record_rises_with_each_change()
    {
        var before = Serial(await AskAsync(Server, "userv.example", Soa));
        await _server.PublishAsync([TestZone.Addresses(TestZone.Joe, "192.0.2.1")]);
        Assert.Equal(before + 1, Serial(await AskAsync(Server, "userv.example", Soa)));

        static uint Serial(TestMessage answer) => uint.Parse(Assert.Single(answer.Texts).Split(' ')[2]);
    }

    [Fact]
    public async Task A_call_that_was_cancelled_before_it_was_taken_changes_nothing() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _server.PublishAsync([TestZone.Addresses(TestZone.Joe, "192.0.2.1")], new CancellationToken(canceled: true)).AsTask());

    [Fact]
    public async Task A_name_that_changes_is_never_missing()
    {
        DnsRecordSet[] sets = [TestZone.Addresses(TestZone.Joe, "192.0.2.1"), TestZone.Addresses(TestZone.Joe, "192.0.2.2")];
        var zone = Zones.Make();
        using var ended = new CancellationTokenSource();
        var reading = Task.Run(() =>
        {
            var (answer, count) = (new byte[512], 0);
            for (; !ended.IsCancellationRequested || count == 0; count++)
            {
                var length = DnsAnswering.Answer(Of("joe.userv.example", A), answer, zone, datagramMax: 512);
                Assert.StartsWith("192.0.2.", TestMessage.Parse(answer[..length]).Texts[0]);
            }
        });
        for (var round = 0; round < 20_000; round++)
        {
            Zones.Change(zone, sets[round % 2]);
        }

        await ended.CancelAsync();
        await reading;
    }

    [Fact]
    public async Task Queries_are_counted_by_how_they_come()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var counts = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Scope == services.GetRequiredService<IMeterFactory>())
            {
                listening.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => counts[$"{instrument.Name} {(tags.Length > 0 ? tags[0].Value : "")}"] = value);
        listener.Start();
        await using (var server = await TestZone.StartAsync(options =>
        {
            options.MeterFactory = services.GetRequiredService<IMeterFactory>();
            (options.DatagramsPerSecondMax, options.Time) = (2, new FakeTimeProvider());
        }))
        {
            for (var round = 0; round < 2; round++)
            {
                await AskAsync(server.Endpoints[0], "ns1.userv.example", A);
            }

            await AskOverStreamAsync(server.Endpoints[0], Of("ns1.userv.example", A));
        }

        listener.RecordObservableInstruments();
        Assert.Equal((2, 1, 0), (counts["p2p.youserv.dns_queries udp"], counts["p2p.youserv.dns_queries tcp"], counts["p2p.youserv.dns_queries_limited "]));
    }

    [Fact]
    public async Task A_name_server_that_nobody_would_find_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => TestZone.StartAsync(options => options.Records = []));

    [Fact]
    public async Task A_port_that_is_taken_is_said_to_be()
    {
        var exception = await Assert.ThrowsAsync<YouServException>(() => TestZone.StartAsync(options => options.Endpoints = [Server]));
        Assert.Contains(Server.ToString(), exception.Message);
    }

    [Fact]
    public async Task A_server_that_has_stopped_takes_nothing_and_leaves_its_port()
    {
        var server = await TestZone.StartAsync();
        var endpoint = server.Endpoints[0];
        await server.DisposeAsync();
        await server.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => server.PublishAsync([TestZone.Addresses(TestZone.Joe, "192.0.2.1")]).AsTask());
        using var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        datagrams.Bind(endpoint);
    }

    [Fact]
    public async Task A_server_may_be_stopped_as_soon_as_it_has_started()
    {
        for (var i = 0; i < 100; i++)
        {
            await using var server = await TestZone.StartAsync();
        }
    }

    [SkippableFact]
    public async Task IPv6_is_served_beside_IPv4()
    {
        Skip.IfNot(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await using var server = await TestZone.StartAsync(options => options.Endpoints = [new(IPAddress.Loopback, 0), new(IPAddress.IPv6Loopback, 0)]);
        foreach (var endpoint in server.Endpoints)
        {
            Assert.Equal(["192.0.2.53"], (await AskAsync(endpoint, "ns1.userv.example", A)).Texts);
            Assert.Equal(["192.0.2.53"], (await AskOverStreamAsync(endpoint, Of("ns1.userv.example", A))).Texts);
        }
    }
}
