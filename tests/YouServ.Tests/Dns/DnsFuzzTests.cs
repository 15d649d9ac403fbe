using P2P.YouServ.Dns;
using Xunit.Abstractions;
using static YouServ.Tests.Dns.TestQuery;

namespace YouServ.Tests.Dns;

/// <summary>
/// Whatever comes as a query: answering never throws and never writes beyond what the datagram may hold, and what is answered can be read. With P2P_LONG=1 it takes a million
/// inputs.
/// </summary>
public sealed class DnsFuzzTests(ITestOutputHelper output)
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("P2P_LONG") == "1" ? 1_000_000 : 100_000;

    [Fact]
    public void Malformed_and_mutated_queries_get_an_answer_that_can_be_read_or_none()
    {
        const int Seed = 51;
        var random = new Random(Seed);
        var zone = Zones.Make();
        byte[][] valid =
        [
            Of("joe.userv.example", A), Of("joe.userv.example", A, edns: 1232), Of("www.userv.example", Any, edns: 600), Of("userv.example", Soa), Of("userv.example", Axfr),
            Of("bob.userv.example", Txt, edns: 4096, version: 1), Of("x.c.userv.example", Aaaa, flags: 0x2800), Of(".", Ns), Of("other.example", Mx, @class: 3),
            Of(string.Join('.', Enumerable.Repeat("l", 120)) + ".userv.example", A),
        ];
        var answer = new byte[DnsAnswering.AnswerMax];
        var codes = new Dictionary<int, int>();
        for (var round = 0; round < Rounds; round++)
        {
            var query = Mutate(valid[random.Next(valid.Length)], valid[random.Next(valid.Length)], random);
            try
            {
                var room = random.Next(512, 1300);
                answer.AsSpan().Fill(0xEE);
                Check(query, answer, DnsAnswering.Answer(query, answer.AsSpan(0, room), zone, DnsFormat.DatagramMax), Math.Min(room, DnsFormat.DatagramMax), codes);
                Check(query, answer, DnsAnswering.Answer(query, answer, zone, datagramMax: 0), answer.Length, codes);
                Check(query, answer, DnsAnswering.AnswerTruncated(query, answer), query.Length + 11, codes);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {Seed}, round {round}: {Convert.ToHexString(query)}", exception);
            }
        }

        output.WriteLine($"seed {Seed}: {string.Join(", ", codes.OrderBy(code => code.Key).Select(code => $"code {code.Key}: {code.Value}"))}");

        // All kinds of answers were visited, and silence.
        Assert.All((int[])[-1, NoError, FormatError, NameError, NotImplemented, Refused, BadVersion], code => Assert.InRange(codes.GetValueOrDefault(code), Rounds / 1000, 3 * Rounds));
    }

    private static void Check(byte[] query, byte[] answer, int length, int max, Dictionary<int, int> codes)
    {
        Assert.InRange(length, 0, max);
        if (length == 0)
        {
            codes[-1] = codes.GetValueOrDefault(-1) + 1;
            return;
        }

        var message = TestMessage.Parse(answer[..length]);
        codes[message.Code] = codes.GetValueOrDefault(message.Code) + 1;
        Assert.Equal(query[..2], answer[..2]);
        Assert.Equal(0x8000, message.Flags & 0x8080);
        Assert.True(message.Code is NoError or NameError || message.Answers.Count + message.Authorities.Count == 0);
        if (message.Questions.Count > 0)
        {
            Assert.Equal(query[12..message.QuestionsEnd], answer[12..message.QuestionsEnd]);
        }
    }

    private static byte[] Mutate(byte[] query, byte[] other, Random random)
    {
        for (var changes = random.Next(5); changes > 0; changes--)
        {
            var at = random.Next(query.Length + 1);
            query = random.Next(8) switch
            {
                0 => query[..at],
                1 => [.. query[..at], .. other[random.Next(other.Length + 1)..]],
                2 => [.. query, .. Noise(random.Next(20))],
                3 => [.. query[..at], .. Noise(random.Next(80)), .. query[at..]],
                4 => Replaced(query, at, [0xC0, (byte)random.Next(40)]),
                5 => Replaced(query, random.Next(Math.Min(12, query.Length + 1)), Noise(random.Next(3))),
                6 => Replaced(query, at, [(byte)(random.Next(2) == 0 ? random.Next(64) : 0xFF)]),
                _ => Replaced(query, at, Noise(random.Next(1, 5))),
            };
        }

        return query;

        byte[] Noise(int length)
        {
            var noise = new byte[length];
            random.NextBytes(noise);
            return noise;
        }

        static byte[] Replaced(byte[] bytes, int at, byte[] by)
        {
            byte[] replaced = [.. bytes];
            by.AsSpan(0, Math.Min(by.Length, bytes.Length - at)).CopyTo(replaced.AsSpan(at));
            return replaced;
        }
    }
}
