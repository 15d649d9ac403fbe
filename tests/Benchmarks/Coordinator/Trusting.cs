using P2P.YouServ;

namespace Benchmarks.Coordinator;

/// <summary>Takes anyone's word: how long a password takes is the authenticator's, and would hide what the coordinator takes.</summary>
internal sealed class Trusting : IAuthenticator
{
    public ValueTask<AuthenticationResult> AuthenticateAsync(string userName, string password, CancellationToken cancellationToken = default) =>
        new(new AuthenticationResult.Accepted(UserId.Parse(userName), userName, []));
}
