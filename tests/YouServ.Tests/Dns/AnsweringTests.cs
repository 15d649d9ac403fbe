using P2P.YouServ.Dns;
using Pastry.Tests;
using static YouServ.Tests.Dns.TestQuery;

namespace YouServ.Tests.Dns;

/// <summary>Queries of all kinds are answered as the RFCs say, without a socket.</summary>
public sealed class AnsweringTests
{
    private readonly Zone _zone = Zones.Make();

    [Fact]
    public void An_answer_has_authority_and_no_recursion_and_repeats_the_question_as_it_was_written()
    {
        var answer = Ask(Of("JoE.UServ.example", A));
        Assert.Equal((0x1234, 0x8500), (answer.Id, answer.Flags));
        Assert.Equal(("JoE.UServ.example", A, 1), Assert.Single(answer.Questions));
        Assert.Equal(["JoE.UServ.example 10 1 192.0.2.1", "JoE.UServ.example 10 1 192.0.2.2"], answer.Answers.Select(record => record.ToString()));
        Assert.Empty(answer.Authorities);
        Assert.Empty(answer.Additionals);
    }

    [Fact]
    public void The_zone_says_what_it_is_and_who_serves_it()
    {
        Assert.Equal(["ns1.userv.example hostmaster.userv.example 7 3600 600 604800 5"], Ask(Of("userv.example", Soa)).Texts);
        Assert.Equal(["ns.other.example", "ns1.userv.example"], Ask(Of("userv.example", Ns)).Texts);
        Assert.Equal(["10 mail.userv.example", "20 mail.other.example"], Ask(Of("userv.example", Mx)).Texts);
    }

    [Fact]
    public void Texts_arrive_as_they_are() =>
        Assert.Equal("token \"ü\""u8.ToArray(), Ask(Of("_acme-challenge.joe.userv.example", Txt)).Answers.Single().Data[1..]);

    [Theory]
    [InlineData("bob.userv.example", NameError)]
    [InlineData("x.joe.userv.example", NameError)]
    [InlineData("joe.userv.example", NoError)]
    [InlineData("b.c.userv.example", NoError)]
    [InlineData("c.userv.example", NoError)]
    public void A_name_that_is_not_there_is_told_from_one_that_has_other_records_or_only_others_below_it(string name, int code)
    {
        var answer = Ask(Of(name, Aaaa));
        Assert.Equal(code, answer.Code);
        Assert.True(answer.IsAuthoritative);
        Assert.Empty(answer.Answers);
        var start = Assert.Single(answer.Authorities);
        Assert.Equal(("userv.example", Soa, 5u), (start.Name, start.Type, start.TimeToLive));
    }

    [Fact]
    public void A_name_goes_with_the_last_one_below_it()
    {
        Zones.Change(_zone, DnsRecordSet.Removal(DnsName.Parse("a.b.c.userv.example"), DnsRecordType.A));
        Assert.All((string[])["a.b.c.userv.example", "b.c.userv.example", "c.userv.example"], name => Assert.Equal(NameError, Ask(Of(name, A)).Code));
        Assert.Equal(NoError, Ask(Of("userv.example", A)).Code);
    }

    [Fact]
    public void A_name_that_is_another_word_for_one_leads_to_what_that_has()
    {
        var answer = Ask(Of("www.userv.example", A));
        Assert.Equal(
            ["www.userv.example 10 5 alias.userv.example", "alias.userv.example 10 5 joe.userv.example", "joe.userv.example 10 1 192.0.2.1", "joe.userv.example 10 1 192.0.2.2"],
            answer.Answers.Select(record => record.ToString()));
        Assert.Equal(["alias.userv.example"], Ask(Of("www.userv.example", Cname)).Texts);
    }

    [Fact]
    public void What_leads_out_of_the_zone_or_nowhere_or_in_circles_ends()
    {
        Assert.Equal(["site.other.example"], Ask(Of("away.userv.example", A)).Texts);
        Assert.Equal((NameError, 1, 1), Shape(Ask(Of("lost.userv.example", A))));
        Assert.Equal((NoError, 1, 1), Shape(Ask(Of("alias.userv.example", Aaaa))));
        Assert.Equal((NoError, 9, 0), Shape(Ask(Of("circle.userv.example", A))));

        static (int Code, int Answers, int Authorities) Shape(TestMessage answer) => (answer.Code, answer.Answers.Count, answer.Authorities.Count);
    }

    [Fact]
    public void Asked_for_anything_one_set_is_enough()
    {
        Assert.Equal(["192.0.2.1", "192.0.2.2"], Ask(Of("joe.userv.example", Any)).Texts);
        Assert.Equal(["alias.userv.example"], Ask(Of("www.userv.example", Any)).Texts);
        Assert.Equal(NameError, Ask(Of("bob.userv.example", Any)).Code);
    }

    [Theory]
    [InlineData("joe.other.example", A, 1, 0x0100, Refused)]
    [InlineData(".", A, 1, 0x0100, Refused)]
    [InlineData("xuserv.example", A, 1, 0x0100, Refused)]
    [InlineData("joe.userv.example", A, 3, 0x0100, Refused)]
    [InlineData("joe.userv.example", A, 255, 0x0100, Refused)]
    [InlineData("userv.example", Axfr, 1, 0x0100, Refused)]
    [InlineData("userv.example", 251, 1, 0x0100, Refused)]
    [InlineData("userv.example", Soa, 1, 0x2800, NotImplemented)]
    [InlineData("userv.example", Soa, 1, 0x2000, NotImplemented)]
    public void What_is_not_for_this_server_is_refused(string name, int type, int @class, int flags, int code)
    {
        var answer = Ask(Of(name, type, @class: @class, flags: flags));
        Assert.Equal(code, answer.Code);
        Assert.False(answer.IsAuthoritative);
        Assert.Empty(answer.Answers);
        Assert.Equal(flags & 0x7900, answer.Flags & 0x7900);
    }

    [Fact]
    public void Answers_and_what_has_no_header_are_not_answered()
    {
        Assert.Empty(Answer(Of("joe.userv.example", A, flags: 0x8000)));
        Assert.Empty(Answer([]));
        Assert.Empty(Answer(new byte[11]));
    }

    [Fact]
    public void A_query_that_is_cut_anywhere_or_goes_on_behind_its_end_is_told_so()
    {
        var query = Of("joe.userv.example", A, edns: 1232);
        Assert.All(Enumerable.Range(12, query.Length - 12), length => Assert.Equal(FormatError, Ask(query[..length]).Code));
        Assert.Equal(FormatError, Ask([.. query, 0]).Code);
    }

    [Fact]
    public void EDNS_is_answered_with_what_is_taken_here()
    {
        var answer = Ask(Of("joe.userv.example", A, edns: 4096));
        Assert.Equal(2, answer.Answers.Count);
        Assert.Equal((1232, 0x8000u), (answer.Options!.Class, answer.Options.TimeToLive));
        Assert.NotNull(Ask(Of("bob.userv.example", A, edns: 512)).Options);
        Assert.NotNull(Ask(Of("bob.other.example", A, edns: 512)).Options);
    }

    [Fact]
    public void EDNS_of_another_version_is_refused()
    {
        // Version 1, in the lower half of the first two bytes behind the size.
        var answer = Ask(Of("joe.userv.example", A, edns: 1232, version: 1));
        Assert.Equal((BadVersion, 0), (answer.Code, answer.Answers.Count));
    }

    [Theory]
    [InlineData(null, 512)]
    [InlineData(100, 512)]
    [InlineData(700, 700)]
    [InlineData(4096, 1232)]
    public void A_datagram_is_never_longer_than_what_is_taken_at_either_end(int? edns, int max)
    {
        for (var count = 1; count <= 100; count++)
        {
            Zones.Change(_zone, TestZone.Addresses(TestZone.Joe, [.. Enumerable.Range(0, count).Select(number => $"10.0.0.{number}")]));
            var query = Of("joe.userv.example", A, edns);
            var whole = TestMessage.Parse(Answer(query, isStream: true));
            var answer = Ask(query);
            Assert.Equal(count, whole.Answers.Count);
            Assert.Equal(whole.Length > max, answer.IsTruncated);
            Assert.Equal(whole.Length > max ? 0 : count, answer.Answers.Count);
            Assert.InRange(answer.Length, 12, max);
            Assert.Equal(edns is not null, answer.Options is not null);
        }
    }

    [Fact]
    public void The_longest_names_are_read_and_longer_ones_are_not()
    {
        var label = new string('x', 63);
        var longest = $"{label}.{label}.{label}.{new string('y', 253 - 192 - 14)}.userv.example";
        Assert.Equal(253, longest.Length);
        Assert.Equal(NameError, Ask(Of(longest, A)).Code);
        Assert.Equal(FormatError, Ask(Of("z" + longest, A)).Code);
        Zones.Change(_zone, TestZone.Addresses(DnsName.Parse(longest), "192.0.2.9"));
        Assert.Equal(["192.0.2.9"], Ask(Of(longest.ToUpperInvariant(), A)).Texts);
    }

    [Fact]
    public void Answering_allocates_nothing()
    {
        byte[][] queries = [Of("joe.userv.example", A, edns: 1232), Of("www.userv.example", A), Of("bob.userv.example", A), Of("bob.other.example", A), new byte[20]];
        var answer = new byte[1232];
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Run()
        {
            foreach (var query in queries)
            {
                DnsAnswering.Answer(query, answer, _zone, 1232);
            }
        }
    }

    [Fact]
    public void Bytes_of_answers()
    {
        Approve.Text(string.Join("\n\n", new[]
        {
            Show("an address", Of("joe.userv.example", A)),
            Show("name servers, with EDNS", Of("userv.example", Ns, edns: 1232)),
            Show("over two names", Of("www.userv.example", A)),
            Show("no such name", Of("bob.userv.example", A)),
            Show("nothing of the type", Of("joe.userv.example", Txt)),
            Show("not of the zone", Of("joe.other.example", A)),
            Show("another version of EDNS", Of("joe.userv.example", A, edns: 1232, version: 1)),
            Show("no query", [.. Of("joe.userv.example", A), 0]),
        }));

        string Show(string title, byte[] query) => $"{title}\n{Bytes.Dump(query)}\n->\n{Bytes.Dump(Answer(query))}";
    }

    private TestMessage Ask(byte[] query) => TestMessage.Parse(Answer(query));

    private byte[] Answer(byte[] query, bool isStream = false)
    {
        var answer = new byte[isStream ? DnsAnswering.AnswerMax : 1232];
        return answer[..DnsAnswering.Answer(query, answer, _zone, isStream ? 0 : 1232)];
    }
}
