using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using P2P.YouServ;
using P2P.YouServ.Hosting;

namespace YouServ.Tests.Coordination;

public sealed class SignInDeskTests
{
    [Fact]
    public async Task Users_whom_the_first_knows_are_refused_no_sooner_than_others_and_the_next_has_no_say()
    {
        var directory = new Chosen(_ => new AuthenticationResult.WrongPassword());
        var accounts = new Chosen(user => new AuthenticationResult.Accepted(UserId.Parse(user), user, []));
        var desk = new SignInDesk([directory, accounts], new FakeTimeProvider(), NullLogger.Instance);
        var (accepted, refusal) = await desk.AuthenticateAsync("joe@example.org", "guess", "here", default);
        Assert.Null(accepted);
        Assert.IsType<SignInResult.Refused>(refusal);
        Assert.Equal(1, accounts.Asked);
    }

    [Fact]
    public async Task Guesses_count_together_however_a_user_is_written()
    {
        var desk = new SignInDesk([new Chosen(_ => new AuthenticationResult.WrongPassword())], new FakeTimeProvider(), NullLogger.Instance);
        foreach (var user in (string[])["joe", "Joe", "ｊoe", "j\u00ADoe", "jo\u200De"])
        {
            Assert.IsType<SignInResult.Refused>((await desk.AuthenticateAsync(user, "guess", "here", default)).Refusal);
        }

        Assert.IsType<SignInResult.TooManyAttempts>((await desk.AuthenticateAsync("joe\u200B", "guess", "here", default)).Refusal);
    }

    private sealed class Chosen(Func<string, AuthenticationResult> answer) : IAuthenticator
    {
        public int Asked { get; private set; }

        public ValueTask<AuthenticationResult> AuthenticateAsync(string userName, string password, CancellationToken cancellationToken = default)
        {
            Asked++;
            return new(answer(userName));
        }
    }
}
