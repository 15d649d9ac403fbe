using System.Globalization;
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

        var key = Fold(id.Value);
        lock (_gate)
        {
            var wait = _throttle.Wait(key, place, Now);
            if (wait > TimeSpan.Zero)
            {
                return (null, new SignInResult.TooManyAttempts(wait));
            }

            _throttle.Attempt(key, place, Now);
        }

        return await AskAsync(id.Value, key, password, place, cancellationToken).ConfigureAwait(false);
    }

    private TimeSpan Now => clock.GetElapsedTime(_start);

    /// <summary>
    /// Directories take names for the same that differ in the width of letters or in what nobody sees (RFC 4518 §2.2 and §2.3): guesses for one user count together, however
    /// he is written. It asks nothing of the system, which may know no Unicode.
    /// </summary>
    private static string Fold(string user)
    {
        const int WideFirst = '\uFF01';
        const int WideLast = '\uFF5E';
        var seen = user
            .Where(letter => char.GetUnicodeCategory(letter) is not (UnicodeCategory.Format or UnicodeCategory.NonSpacingMark))
            .Select(letter => letter is >= (char)WideFirst and <= (char)WideLast ? (char)(letter - WideFirst + '!') : letter);
        return string.Concat(seen) is { Length: > 0 } folded ? folded.ToLowerInvariant() : user;
    }

    private async ValueTask<(AuthenticationResult.Accepted?, SignInResult?)> AskAsync(
        string user, string key, string password, string place, CancellationToken cancellationToken)
    {
        var (isUnavailable, isWrong) = (false, false);
        foreach (var authenticator in authenticators)
        {
            switch (await authenticator.AuthenticateAsync(user, password, cancellationToken).ConfigureAwait(false))
            {
                case AuthenticationResult.Accepted accepted when !isWrong:
                    lock (_gate)
                    {
                        _throttle.Succeed(key, place);
                    }

                    return (accepted, null);
                case AuthenticationResult.WrongPassword:
                    isWrong = true; // Who is asked after this has no say, but takes the time that he takes for users whom nobody knows.
                    break;
                case AuthenticationResult.Unavailable unavailable:
                    LogUnavailable(authenticator.GetType().Name, unavailable.Reason);
                    isUnavailable = true;
                    break;
                default:
                    break;
            }
        }

        return (null, isUnavailable && !isWrong ? new SignInResult.Unavailable() : new SignInResult.Refused());
    }

    [LoggerMessage(5010, LogLevel.Warning, "{Authenticator} cannot be asked about users: {Reason}")]
    private partial void LogUnavailable(string authenticator, string reason);
}
