namespace P2P.YouServ;

/// <summary>Tells whether a password is a user's. Several may stand beside each other: the first that knows the user decides.</summary>
public interface IAuthenticator
{
    /// <summary>Checks a password.</summary>
    /// <param name="userName">What the person typed, in the form of a <see cref="UserId"/>; what has no such form is refused before it comes here.</param>
    /// <param name="password">The password; at most 1,024 characters, never to be logged.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<AuthenticationResult> AuthenticateAsync(string userName, string password, CancellationToken cancellationToken = default);
}
