using System.Text;
using Microsoft.Extensions.Time.Testing;
using P2P.YouServ;
using P2P.YouServ.Ldap;

namespace YouServ.Tests.Ldap;

/// <summary>What becomes of answers that no directory should give.</summary>
public sealed class AnswerTests
{
    private static readonly byte[] Joe = Answers.Entry(1, "uid=joe", ("mail", ["joe@example.org"]));
    private static readonly byte[] End = Answers.Result(1, LdapOperation.Search, LdapResultCode.Success);
    private static readonly byte[] Welcome = Answers.Result(2, LdapOperation.Bind, LdapResultCode.Success);

    public static TheoryData<string, byte[]> Hostile => new()
    {
        { "nothing", [] },
        { "another protocol", "HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray() },
        { "half a message", Joe[..^1] },
        { "a length without end", [0x30, 0x80, 0, 0] },
        { "a length of a length", [0x30, 0x8F, 0, 0, 0, 0, 0, 0] },
        { "a message that is empty", [0x30, 0] },
        { "a message within messages", [.. Enumerable.Repeat<byte[]>([0x30, 0x7F], 64).SelectMany(header => header)] },
        { "what was not asked", Answers.Result(7, LdapOperation.Search, LdapResultCode.Success) },
        { "a farewell", Answers.Result(0, LdapOperation.Extended, LdapResultCode.Unavailable) },
        { "a welcome to a search", Answers.Result(1, LdapOperation.Bind, LdapResultCode.Success) },
        { "the end of a search to a bind", [.. Joe, .. End, .. Answers.Result(2, LdapOperation.Search, LdapResultCode.Success)] },
        { "an entry to a bind", [.. Joe, .. End, .. Answers.Entry(2, "uid=joe")] },
        { "an entry without a name", [.. Answers.Entry(1, "", ("mail", ["joe@example.org"])), .. End, .. Welcome] },
        { "two entries", [.. Joe, .. Joe, .. End, .. Welcome] },
        { "three entries", [.. Joe, .. Joe, .. Joe, .. End, .. Welcome] },
        { "an entry of an id that is none", [.. Answers.Entry(1, "uid=joe", ("mail", ["joe and others"])), .. End, .. Welcome] },
        { "an entry without an id", [.. Answers.Entry(1, "uid=joe"), .. End, .. Welcome] },
        { "a referral", Answers.Result(1, LdapOperation.Search, LdapResultCode.Referral) },
        { "an entry and a failure", [.. Joe, .. Answers.Result(1, LdapOperation.Search, LdapResultCode.TimeLimitExceeded), .. Welcome] },
        { "a bind that goes on", [.. Joe, .. End, .. Answers.Result(2, LdapOperation.Bind, (LdapResultCode)14)] },
        { "a result that no number holds", Answers.Result(1, LdapOperation.Search, (LdapResultCode)int.MaxValue) },
    };

    /// <summary>Data of theories are written down by the runner, which megabytes are too many for.</summary>
    private static byte[] Endless(string what) => what switch
    {
        "length" => [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF],
        "message" => [0x30, 0x83, 0x0F, 0xFF, 0xFC],
        "references" => [.. Enumerable.Repeat(Answers.Reference(1), 200_000).SelectMany(reference => reference)],
        _ => [.. Enumerable.Repeat(Answers.Entry(1, "uid=joe", ("mail", [new string('x', 1_000_000)])), 5).SelectMany(entry => entry)],
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task What_makes_no_sense_makes_the_directory_unavailable(string title, byte[] answers)
    {
        var reason = Assert.IsType<AuthenticationResult.Unavailable>(await New(new ScriptedStream(answers)).AuthenticateAsync("joe", "correct horse")).Reason;
        Assert.False(reason.Contains("horse", StringComparison.Ordinal) || reason.Contains("words", StringComparison.Ordinal), title);
    }

    [Theory]
    [InlineData("a message has 4294967301 bytes", "length")]
    [InlineData("a message has 1048577 bytes", "message")]
    [InlineData("it says more than 4194304 bytes", "references")]
    [InlineData("it says more than 4194304 bytes", "entries")]
    public async Task Who_says_too_much_is_not_listened_to_any_longer(string reason, string what) =>
        Assert.Contains(
            reason,
            Assert.IsType<AuthenticationResult.Unavailable>(await New(new ScriptedStream(Endless(what), isSilentAtEnd: true)).AuthenticateAsync("joe", "correct horse")).Reason);

    [Fact]
    public async Task References_are_passed_over()
    {
        var stream = new ScriptedStream([.. Answers.Reference(1), .. Joe, .. Answers.Reference(1), .. End, .. Welcome]);
        Assert.IsType<AuthenticationResult.Accepted>(await New(stream).AuthenticateAsync("joe", "correct horse"));
    }

    [Fact]
    public async Task An_empty_password_is_never_sent()
    {
        var stream = new ScriptedStream([.. Joe, .. End, .. Welcome]);
        Assert.IsType<AuthenticationResult.WrongPassword>(await New(stream).AuthenticateAsync("joe", ""));
        Assert.Equal(LdapResponse.ReadLength(stream.Asked.ToArray()), (int)stream.Asked.Length);
        Assert.Throws<ArgumentException>(() => LdapRequest.Bind(1, "uid=joe"u8, ""));
        Assert.Throws<ArgumentException>(() => LdapRequest.Bind(1, [], "correct horse"));
    }

    [Fact]
    public async Task Groups_beyond_the_bound_are_left_out()
    {
        string[] groups = [.. Enumerable.Range(0, 1500).Select(i => $"cn=Group {i:0000},o=example")];
        var stream = new ScriptedStream([.. Answers.Entry(1, "uid=joe", ("mail", ["joe@example.org"]), ("MEMBEROF;range=0-1499", groups)), .. End, .. Welcome]);
        var accepted = Assert.IsType<AuthenticationResult.Accepted>(await New(stream).AuthenticateAsync("joe", "correct horse"));
        Assert.Equal(Enumerable.Range(0, LdapAuthenticator.GroupsMax).Select(i => $"group {i:0000}"), accepted.Groups);
    }

    [Fact]
    public async Task A_server_that_declines_tls_is_told_nothing()
    {
        var stream = new ScriptedStream([.. Answers.Result(1, LdapOperation.Extended, LdapResultCode.Unavailable), .. Joe, .. End, .. Welcome]);
        var authenticator = New(stream, options => options.Security = LdapSecurity.StartTls);
        Assert.Contains("declines TLS", Assert.IsType<AuthenticationResult.Unavailable>(await authenticator.AuthenticateAsync("joe", "correct horse")).Reason);
        Assert.Equal(LdapRequest.StartTls(1), stream.Asked.ToArray());
    }

    [Fact]
    public async Task Answers_in_front_of_tls_are_not_taken_for_answers_under_it()
    {
        var stream = new ScriptedStream([.. Answers.Result(1, LdapOperation.Extended, LdapResultCode.Success), .. Answers.Entry(2, "uid=joe", ("mail", ["joe@example.org"]))]);
        var authenticator = New(stream, options => options.Security = LdapSecurity.StartTls);
        Assert.IsType<AuthenticationResult.Unavailable>(await authenticator.AuthenticateAsync("joe", "correct horse"));
        Assert.DoesNotContain("joe", Encoding.UTF8.GetString(stream.Asked.ToArray()));
    }

    [Fact]
    public async Task After_a_server_that_is_silent_the_next_is_asked_and_first_the_next_time()
    {
        var clock = new FakeTimeProvider();
        var silent = new ScriptedStream(Joe, isSilentAtEnd: true);
        var asked = new List<string>();
        var options = Options();
        options.Time = clock;
        options.Servers.Add(new("::1"));
        var authenticator = new LdapAuthenticator(options, (server, _) =>
        {
            asked.Add(server.Host);
            return ValueTask.FromResult<Stream>(server.Host == "::1" ? new ScriptedStream([.. Joe, .. End, .. Welcome]) : silent);
        });
        var first = authenticator.AuthenticateAsync("joe", "correct horse").AsTask();
        await silent.Silence;
        Assert.False(first.IsCompleted);
        clock.Advance(options.ServerTimeout);
        Assert.IsType<AuthenticationResult.Accepted>(await first);
        Assert.IsType<AuthenticationResult.Accepted>(await authenticator.AuthenticateAsync("joe", "correct horse"));
        Assert.Equal(["localhost", "::1", "::1"], asked);
    }

    [Fact]
    public async Task Who_gives_up_waits_no_longer_for_a_server_that_is_silent()
    {
        using var cancellation = new CancellationTokenSource();
        var silent = new ScriptedStream(Joe, isSilentAtEnd: true);
        var answer = New(silent).AuthenticateAsync("joe", "correct horse", cancellation.Token).AsTask();
        await silent.Silence;
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    private static LdapOptions Options() => new() { Security = LdapSecurity.None, Servers = { new("localhost") } };

    private static LdapAuthenticator New(Stream stream, Action<LdapOptions>? change = null)
    {
        var options = Options();
        change?.Invoke(options);
        return new(options, (_, _) => ValueTask.FromResult(stream));
    }
}
