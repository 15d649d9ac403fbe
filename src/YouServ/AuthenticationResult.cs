namespace P2P.YouServ;

/// <summary>Is what an authenticator says of a user and a password.</summary>
public abstract record AuthenticationResult
{
    private AuthenticationResult()
    {
    }

    /// <summary>The password is the user's.</summary>
    /// <param name="User">The user.</param>
    /// <param name="DisplayName">What the user is called.</param>
    /// <param name="Groups">The user's groups, in lower case.</param>
    public sealed record Accepted(UserId User, string DisplayName, IReadOnlyList<string> Groups) : AuthenticationResult;

    /// <summary>The user is known here, and the password is another.</summary>
    public sealed record WrongPassword : AuthenticationResult;

    /// <summary>The user is not known here; others are asked.</summary>
    public sealed record UnknownUser : AuthenticationResult;

    /// <summary>Who knows cannot be asked now.</summary>
    /// <param name="Reason">Why, for the operator.</param>
    public sealed record Unavailable(string Reason) : AuthenticationResult;
}
