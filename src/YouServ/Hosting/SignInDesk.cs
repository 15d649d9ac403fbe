using Microsoft.Extensions.Logging;
using P2P.YouServ.Protocol;

namespace P2P.YouServ.Hosting;

/// <summary>Asks the authenticators in turn, and no faster than passwords may be guessed.</summary>
internal sealed partial class SignInDesk(IReadOnlyList<IAuthenticator> authenticators, TimeProvider clock, ILogger logger)
{
    private readonly LoginThrottle _throttle = new();
    private readonly Lock _gate = new();
    private readonly long _start = clock.GetTimestamp();

    public async ValueTask<(AuthenticationResult.Accepted? Accepted, SignInResult? Refusal)> AuthenticateAsync(
        string userName, string password, string place, CancellationToken cancellationToken)
    {
        // What nobody is asked about guesses nothing, and counts as no guess.
        if (!UserId.TryParse(userName, out var id) || password.Length is 0 or > LocalAccounts.PasswordLengthMax)
        {
            return (null, new SignInResult.Refused());
        }

        lock (_gate)
        {
            var wait = _throttle.Wait(id.Value, place, Now);
            if (wait > TimeSpan.Zero)
            {
                return (null, new SignInResult.TooManyAttempts(wait));
            }

            _throttle.Attempt(id.Value, place, Now);
        }

        return await AskAsync(id.Value, password, place, cancellationToken).ConfigureAwait(false);
    }

    private TimeSpan Now => clock.GetElapsedTime(_start);

    private async ValueTask<(AuthenticationResult.Accepted?, SignInResult?)> AskAsync(
        string user, string password, string place, CancellationToken cancellationToken)
    {
        var isUnavailable = false;
        foreach (var authenticator in authenticators)
        {
            switch (await authenticator.AuthenticateAsync(user, password, cancellationToken).ConfigureAwait(false))
            {
                case AuthenticationResult.Accepted accepted:
                    lock (_gate)
                    {
                        _throttle.Succeed(user, place);
                    }

                    return (accepted, null);
                case AuthenticationResult.WrongPassword:
                    return (null, new SignInResult.Refused());
                case AuthenticationResult.Unavailable unavailable:
                    LogUnavailable(authenticator.GetType().Name, unavailable.Reason);
                    isUnavailable = true;
                    break;
                default:
                    break;
            }
        }

        return (null, isUnavailable ? new SignInResult.Unavailable() : new SignInResult.Refused());
    }

    [LoggerMessage(5010, LogLevel.Warning, "{Authenticator} cannot be asked about users: {Reason}")]
    private partial void LogUnavailable(string authenticator, string reason);
}
