namespace P2P.YouServ;

/// <summary>Is what became of a sign-in.</summary>
public abstract record SignInResult
{
    private SignInResult()
    {
    }

    /// <summary>The user is signed in.</summary>
    /// <param name="Token">What proves it from now on. A secret; only its hash is kept.</param>
    /// <param name="Session">The session.</param>
    /// <param name="Site">The user's site.</param>
    public sealed record SignedIn(string Token, SessionRecord Session, SiteRecord Site) : SignInResult
    {
        /// <summary>Leaves out the token.</summary>
        public override string ToString() => $"{nameof(SignedIn)} {Session.User}";
    }

    /// <summary>The user or the password is wrong.</summary>
    public sealed record Refused : SignInResult;

    /// <summary>Too many attempts have failed.</summary>
    /// <param name="RetryAfter">How long to wait.</param>
    public sealed record TooManyAttempts(TimeSpan RetryAfter) : SignInResult;

    /// <summary>Nobody who knows the user can be asked now.</summary>
    public sealed record Unavailable : SignInResult;
}
