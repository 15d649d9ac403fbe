using System.Net;
using Microsoft.Extensions.Time.Testing;
using P2P.YouServ.Dns;
using static YouServ.Tests.Dns.TestQuery;

namespace YouServ.Tests.Dns;

/// <summary>Updates reach the servers that organisations have, and are seen there.</summary>
public sealed class UpdatePublisherTests
{
    [SkippableTheory]
    [InlineData("named")]
    [InlineData("knotd")]
    public async Task A_server_shows_what_was_published(string program)
    {
        await using var server = await NameServer.StartAsync(program);
        using var publisher = Publisher(server);
        await publisher.PublishAsync(
        [
            TestZone.Addresses(TestZone.Joe, "192.0.2.1", "192.0.2.2") with { TimeToLive = TimeSpan.FromSeconds(20) },
            TestZone.Addresses(TestZone.Joe, "2001:db8::1"),
            DnsRecordSet.OfTexts(TestZone.Joe, "a \"quoted\" text"),
            new DnsRecordSet(TestZone.Origin.Child("www"), DnsRecordType.Cname, ["joe.userv.example"]),
            new DnsRecordSet(TestZone.Origin, DnsRecordType.Mx, ["10 ns1.userv.example"]),
        ]);
        var addresses = await AskAsync(server.Endpoint, "joe.userv.example", A);
        Assert.Equal(["192.0.2.1", "192.0.2.2"], addresses.Texts.Order());
        Assert.All(addresses.Answers, record => Assert.Equal(20u, record.TimeToLive));
        Assert.Equal(["2001:db8::1"], (await AskAsync(server.Endpoint, "joe.userv.example", Aaaa)).Texts);
        Assert.Equal("a \"quoted\" text"u8.ToArray(), (await AskAsync(server.Endpoint, "joe.userv.example", Txt)).Answers.Single().Data[1..]);
        Assert.Equal(["joe.userv.example"], (await AskAsync(server.Endpoint, "www.userv.example", Cname)).Texts);
        Assert.Equal(["10 ns1.userv.example"], (await AskAsync(server.Endpoint, "userv.example", Mx)).Texts);

        // Again, other values, and nothing.
        await publisher.PublishAsync([TestZone.Addresses(TestZone.Joe, "192.0.2.1", "192.0.2.2")]);
        await publisher.PublishAsync([TestZone.Addresses(TestZone.Joe, "198.51.100.7"), DnsRecordSet.Removal(TestZone.Joe, DnsRecordType.Aaaa)]);
        Assert.Equal(["198.51.100.7"], (await AskAsync(server.Endpoint, "joe.userv.example", A)).Texts);
        Assert.Empty((await AskAsync(server.Endpoint, "joe.userv.example", Aaaa)).Answers);
    }

    [SkippableTheory]
    [InlineData("named")]
    [InlineData("knotd")]
    public async Task What_no_datagram_holds_goes_over_a_connection_signed_with_either_hash(string program)
    {
        await using var server = await NameServer.StartAsync(program);
        using var publisher = Publisher(server, NameServer.Key(TsigAlgorithm.HmacSha512, "youserv512"));
        await publisher.PublishAsync([.. Enumerable.Range(0, 200).Select(number => TestZone.Addresses(TestZone.Origin.Child($"s{number}"), $"10.0.0.{number}"))]);
        Assert.Equal(["10.0.0.199"], (await AskAsync(server.Endpoint, "s199.userv.example", A)).Texts);
    }

    [SkippableTheory]
    [InlineData("named")]
    [InlineData("knotd")]
    public async Task Updates_at_the_same_time_are_all_seen_when_they_are_done(string program)
    {
        await using var server = await NameServer.StartAsync(program);
        using var publisher = Publisher(server);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async number =>
        {
            var name = TestZone.Origin.Child($"s{number}");
            await publisher.PublishAsync([TestZone.Addresses(name, $"10.0.0.{number}")]);
            Assert.Equal([$"10.0.0.{number}"], (await AskAsync(server.Endpoint, name.Value, A)).Texts);
        }));
    }

    [SkippableTheory]
    [InlineData("named")]
    [InlineData("knotd")]
    public async Task A_server_that_refuses_is_asked_no_more_and_the_reason_is_said(string program)
    {
        await using var server = await NameServer.StartAsync(program);
        await RefusesAsync(DnsUpdateFailure.WrongSecret, NameServer.Key(secret: Convert.ToBase64String(new byte[32])));
        await RefusesAsync(DnsUpdateFailure.UnknownKey, NameServer.Key(name: "stranger"));
        await RefusesAsync(program == "named" ? DnsUpdateFailure.Refused : DnsUpdateFailure.UnknownKey, NameServer.Key(name: "visitor"));
        await RefusesAsync(DnsUpdateFailure.ClocksDiffer, NameServer.Key(), time: new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(-1)));
        await RefusesAsync(DnsUpdateFailure.NotAuthoritative, NameServer.Key(), zone: "other.example");
        Assert.Equal(NameError, (await AskAsync(server.Endpoint, "joe.userv.example", A)).Code);

        async Task RefusesAsync(DnsUpdateFailure failure, TsigKey key, string zone = "userv.example", TimeProvider? time = null)
        {
            using var publisher = Publisher(server, key, zone, time);
            var exception = await Assert.ThrowsAsync<DnsUpdateException>(() => publisher.PublishAsync([TestZone.Addresses(DnsName.Parse(zone).Child("joe"), "192.0.2.1")]).AsTask());
            Assert.Equal((failure, exception.Message), (exception.Failure, exception.Message));
            Assert.DoesNotContain(NameServer.Secret, exception.ToString());
        }
    }

    [SkippableFact]
    public async Task A_server_is_found_by_its_name()
    {
        await using var server = await NameServer.StartAsync("named");
        using var publisher = new UpdatePublisher(new UpdatePublisherOptions { Server = new DnsEndPoint("localhost", server.Endpoint.Port), Zone = TestZone.Origin, Key = NameServer.Key() });
        await publisher.PublishAsync([TestZone.Addresses(TestZone.Joe, "192.0.2.1")]);
        Assert.Single((await AskAsync(server.Endpoint, "joe.userv.example", A)).Answers);
    }

    private static UpdatePublisher Publisher(NameServer server, TsigKey? key = null, string zone = "userv.example", TimeProvider? time = null) => new(new UpdatePublisherOptions
    {
        Server = server.Endpoint,
        Zone = DnsName.Parse(zone),
        Key = key ?? NameServer.Key(),
        Time = time ?? TimeProvider.System,
    });
}
