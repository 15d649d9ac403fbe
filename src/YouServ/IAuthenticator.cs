namespace P2P.YouServ;

/// <summary>
/// Tells whether a password is a user's. Several may stand beside each other: the first that knows the user decides, and one that is unavailable is passed over. Asked by many callers
/// at once, and no faster than passwords may be guessed.
/// </summary>
public interface IAuthenticator
{
    /// <summary>Checks a password.</summary>
    /// <param name="userName">What the person typed, in the form of a <see cref="UserId"/>; what has no such form is refused before it comes here.</param>
    /// <param name="password">The password; at most 1,024 characters, never to be logged.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>
    /// What is known; a service that does not answer is <see cref="AuthenticationResult.Unavailable"/>, and no exception. The user who is accepted may have another id than was typed, and that id
    /// is whose site it is: it must be the same each time.
    /// </returns>
    ValueTask<AuthenticationResult> AuthenticateAsync(string userName, string password, CancellationToken cancellationToken = default);
}
