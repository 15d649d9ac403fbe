using P2P.YouServ;
using P2P.YouServ.Ldap;
using Xunit.Abstractions;

namespace YouServ.Tests.Ldap;

/// <summary>Whatever a directory says, the outcome is a result. With P2P_LONG=1 it takes a million inputs.</summary>
public sealed class LdapFuzzTests(ITestOutputHelper output)
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("P2P_LONG") == "1" ? 1_000_000 : 10_000;

    [Fact]
    public async Task Malformed_and_mutated_answers_end_in_a_result()
    {
        const int Seed = 52;
        var random = new Random(Seed);
        byte[] nobody = [.. Answers.Result(1, LdapOperation.Bind, LdapResultCode.Success), .. Answers.Reference(2), .. Answers.Result(2, LdapOperation.Search, LdapResultCode.Success)];
        byte[][] conversations = [nobody, Conversation(LdapResultCode.Success), Conversation(LdapResultCode.InvalidCredentials), Conversation(LdapResultCode.Busy)];
        var answers = Array.Empty<byte>();
        var options = new LdapOptions { Security = LdapSecurity.None, Servers = { new("localhost") }, BindDn = "cn=reader", BindPassword = "secret", GroupFilter = "(member={0})" };
        var authenticator = new LdapAuthenticator(options, (_, _) => ValueTask.FromResult<Stream>(new ScriptedStream(answers)));
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var round = 0; round < Rounds; round++)
        {
            answers = Mutate(conversations[random.Next(conversations.Length)], random);
            try
            {
                var result = await authenticator.AuthenticateAsync("joe", "correct horse");
                outcomes[result.GetType().Name] = outcomes.GetValueOrDefault(result.GetType().Name) + 1;
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {Seed}, round {round}: {Convert.ToHexString(answers)}", exception);
            }
        }

        output.WriteLine($"seed {Seed}: {string.Join(", ", outcomes.Select(outcome => $"{outcome.Value} {outcome.Key}"))}");
        Assert.Equal(["Accepted", "Unavailable", "UnknownUser", "WrongPassword"], outcomes.Keys);
    }

    private static byte[] Conversation(LdapResultCode end) =>
    [
        .. Answers.Result(1, LdapOperation.Bind, LdapResultCode.Success),
        .. Answers.Entry(2, "uid=joe", ("mail", ["joe@example.org"]), ("cn", ["Joe"]), ("memberOf", [@"cn=Night\2C watch,o=example", "cn=a+ou=b"])),
        .. Answers.Reference(2),
        .. Answers.Result(2, LdapOperation.Search, LdapResultCode.Success),
        .. Answers.Entry(3, "cn=Staff", ("cn", ["Staff"])),
        .. Answers.Result(3, LdapOperation.Search, LdapResultCode.Success),
        .. Answers.Result(4, LdapOperation.Bind, end),
    ];

    private static byte[] Mutate(byte[] answers, Random random)
    {
        for (var changes = random.Next(5); changes > 0; changes--)
        {
            var at = random.Next(answers.Length + 1);
            answers = random.Next(6) switch
            {
                0 => answers[..at],
                1 => [.. answers[..at], .. answers[random.Next(answers.Length + 1)..]],
                2 => [.. answers[..at], .. Noise(20), .. answers[at..]],
                3 => Replaced([(byte)(0x80 + random.Next(6))]),
                4 => Replaced([(byte)random.Next(0x80)]),
                _ => Replaced(Noise(4)),
            };

            byte[] Replaced(byte[] by)
            {
                byte[] replaced = [.. answers];
                by.AsSpan(0, Math.Min(by.Length, answers.Length - at)).CopyTo(replaced.AsSpan(at));
                return replaced;
            }
        }

        return answers;

        byte[] Noise(int lengthMax)
        {
            var noise = new byte[random.Next(1, lengthMax + 1)];
            random.NextBytes(noise);
            return noise;
        }
    }
}
