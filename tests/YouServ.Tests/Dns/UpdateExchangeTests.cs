using Microsoft.Extensions.Time.Testing;
using P2P.YouServ.Dns;
using Pastry.Tests;

namespace YouServ.Tests.Dns;

/// <summary>What counts as an answer to an update, against a server that says what it is told to.</summary>
public sealed class UpdateExchangeTests
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(4);
    private static readonly DnsRecordSet[] Changes = [TestZone.Addresses(TestZone.Joe, "192.0.2.1")];

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task A_signed_answer_counts_and_what_was_forged_before_it_does_not()
    {
        await using var server = ScriptedServer.Start(
            request =>
            [
                [1, 2, 3],
                ScriptedServer.Unsigned([(byte)~request[0], request[1]], 0),
                ScriptedServer.Unsigned(request, 0),
                ScriptedServer.Signed(request, 0, secret: new byte[32]),
                ScriptedServer.Signed(request, 0, age: TimeSpan.FromHours(1)),
                ScriptedServer.Signed(request, 5, secret: new byte[32]),
                ScriptedServer.Signed(request, 0)[..^1],
                ScriptedServer.Signed(request, 0),
            ],
            _ => []);
        await PublishAsync(server);
        Assert.Equal(["datagram"], server.Requests);
    }

    [Fact]
    public async Task A_refusal_that_nobody_signed_is_asked_again_over_a_connection()
    {
        await using var server = ScriptedServer.Start(request => [ScriptedServer.Unsigned(request, 5)], request => ScriptedServer.Signed(request, 0));
        await PublishAsync(server);
        Assert.Equal(["datagram", "stream"], server.Requests);
    }

    [Fact]
    public async Task Where_no_datagram_is_answered_connections_are()
    {
        await using var server = ScriptedServer.Start(LetTimePass, request => ScriptedServer.Signed(request, 0));
        await PublishAsync(server);
        Assert.Equal(["datagram", "stream"], server.Requests);
    }

    [Fact]
    public async Task No_answer_that_counts_is_no_success()
    {
        await using var server = ScriptedServer.Start(LetTimePass, request => ScriptedServer.Signed(request, 0, secret: new byte[32]));
        var exception = await Assert.ThrowsAsync<DnsUpdateException>(() => PublishAsync(server));
        Assert.Equal(DnsUpdateFailure.NoAnswer, exception.Failure);
        Assert.Equal(["datagram", "stream", "stream"], server.Requests);
    }

    [Theory]
    [InlineData(9, 16, DnsUpdateFailure.WrongSecret)]
    [InlineData(9, 17, DnsUpdateFailure.UnknownKey)]
    [InlineData(9, 18, DnsUpdateFailure.ClocksDiffer)]
    [InlineData(9, 0, DnsUpdateFailure.NotAuthoritative)]
    [InlineData(10, 0, DnsUpdateFailure.NotAuthoritative)]
    [InlineData(5, 0, DnsUpdateFailure.Refused)]
    [InlineData(2, 0, DnsUpdateFailure.Failed)]
    public async Task A_signed_refusal_says_why(int code, int error, DnsUpdateFailure failure)
    {
        await using var server = ScriptedServer.Start(request => [ScriptedServer.Signed(request, code, error: error, other: error == 18 ? [0, 0, 0x38, 0, 0, 0] : null)], _ => []);
        var exception = await Assert.ThrowsAsync<DnsUpdateException>(() => PublishAsync(server));
        Assert.Equal(failure, exception.Failure);
        Assert.Equal(error == 18, exception.Message.Contains("1999-10-", StringComparison.Ordinal));
        Assert.Equal(["datagram"], server.Requests);
    }

    [Fact]
    public async Task Whoever_gives_up_waits_no_longer()
    {
        await using var server = ScriptedServer.Start(_ => [], _ => []);
        using var publisher = new UpdatePublisher(Options(server));
        using var cancellation = new CancellationTokenSource();
        var publishing = publisher.PublishAsync(Changes, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing);
    }

    [Fact]
    public async Task What_is_none_of_the_zones_is_refused_before_anything_is_sent()
    {
        await using var server = ScriptedServer.Start(_ => [], _ => []);
        using var publisher = new UpdatePublisher(Options(server));
        await Assert.ThrowsAsync<ArgumentException>(() => publisher.PublishAsync([TestZone.Addresses(DnsName.Parse("joe.other.example"), "192.0.2.1")]).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => publisher.PublishAsync([.. Enumerable.Range(0, 20).Select(number => DnsRecordSet.OfTexts(TestZone.Origin.Child($"s{number}"), new string('x', 4000)))]).AsTask());
        Assert.Empty(server.Requests);
    }

    [Fact]
    public void A_key_shows_its_secret_nowhere()
    {
        var key = TsigKey.Parse($"HMAC-SHA512:YouServ.:{NameServer.Secret}");
        Assert.Equal(("hmac-sha512:youserv", TsigAlgorithm.HmacSha512), (key.ToString(), key.Algorithm));
        Assert.DoesNotContain(NameServer.Secret, Assert.Throws<FormatException>(() => TsigKey.Parse($"hmac-md5:youserv:{NameServer.Secret}")).ToString());
        Assert.All(
            (string[])["", "hmac-sha256:youserv", "hmac-sha256:you serv:" + NameServer.Secret, "hmac-sha256:youserv:c2hvcnQ=", "hmac-sha256:youserv:%%%%"],
            text => Assert.False(TsigKey.TryParse(text, out _)));
        Assert.Throws<ArgumentException>(() => new TsigKey(key.Name, TsigAlgorithm.HmacSha256, new byte[15]));
    }

    [Fact]
    public void Answers_are_read_or_refused_whatever_they_are()
    {
        const int Seed = 52;
        var random = new Random(Seed);
        var (request, mac) = Tsig.Sign(UpdateMessage.Write(7, TestZone.Origin, []), NameServer.Key(), DateTimeOffset.UtcNow);
        byte[][] valid = [ScriptedServer.Signed(request, 0), ScriptedServer.Signed(request, 9, error: 18, other: new byte[6]), ScriptedServer.Unsigned(request, 5)];
        var signed = 0;
        for (var round = 0; round < 50_000; round++)
        {
            var answer = valid[random.Next(valid.Length)].ToArray();
            for (var changes = random.Next(4); changes > 0; changes--)
            {
                answer[random.Next(answer.Length)] = (byte)random.Next(256);
                answer = random.Next(4) == 0 ? answer[..random.Next(1, answer.Length + 1)] : answer;
            }

            signed += UpdateAnswer.Read(answer, 7, NameServer.Key(), mac, DateTimeOffset.UtcNow) is { IsSigned: true } ? 1 : 0;
        }

        Assert.InRange(signed, 1000, 45_000);
    }

    [Fact]
    public void Bytes_of_an_update()
    {
        var changes = ((DnsRecordSet[])[.. Changes, DnsRecordSet.Removal(TestZone.Joe, DnsRecordType.Aaaa)]).Select(set => ZoneChange.Of(set, TestZone.Origin, TimeSpan.FromSeconds(10))).ToArray();
        var (message, _) = Tsig.Sign(UpdateMessage.Write(0x1234, TestZone.Origin, changes), NameServer.Key(), DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        Approve.Text(Bytes.Dump(message));
    }

    private byte[][] LetTimePass(byte[] request)
    {
        _time.Advance(AnswerTimeout);
        return [];
    }

    private async Task PublishAsync(ScriptedServer server)
    {
        using var publisher = new UpdatePublisher(Options(server));
        await publisher.PublishAsync(Changes);
    }

    private UpdatePublisherOptions Options(ScriptedServer server) => new()
    {
        Server = server.Endpoint,
        Zone = TestZone.Origin,
        Key = NameServer.Key(),
        AnswerTimeout = AnswerTimeout,
        Time = _time,
    };
}
