using P2P.YouServ;

namespace Consumer.Seams;

/// <summary>Knows people by the badges that they wear.</summary>
internal sealed class BadgeReader : IAuthenticator
{
    public ValueTask<AuthenticationResult> AuthenticateAsync(string userName, string password, CancellationToken cancellationToken = default) => new(
        !userName.StartsWith("badge-", StringComparison.Ordinal) ? new AuthenticationResult.UnknownUser()
        : password != "0000" ? new AuthenticationResult.WrongPassword()
        : new AuthenticationResult.Accepted(UserId.Parse($"{userName}@example.org"), $"Wearer of {userName}", ["staff"]));
}
